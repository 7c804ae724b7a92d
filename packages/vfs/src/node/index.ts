export { DiskFileSystem } from "./disk-file-system.ts";
