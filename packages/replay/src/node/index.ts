export { RecorderWorker } from "./recorder-worker.ts";
export type { RecorderWorkerOptions } from "./recorder-worker.ts";
export { RecordingFailed } from "./recording-failed.ts";
export { openFileSink } from "./file-sink.ts";
export type { FileSink } from "./file-sink.ts";
export { openFileSource } from "./file-source.ts";
export type { FileSource } from "./file-source.ts";
export { deflate } from "./deflate.ts";
