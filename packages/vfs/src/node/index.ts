export { DiskFileSystem } from "./disk-file-system.ts";
export type { DiskFileSystemOptions } from "./disk-file-system.ts";
export type { Reach } from "./host-directory.ts";
