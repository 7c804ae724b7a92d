export { blobSource } from "./blob-source.ts";
export { openHttpSource } from "./http-source.ts";
