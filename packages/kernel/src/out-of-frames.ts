// RAM is full: the one failure of the machine that no program can cause alone.

/** Thrown when a frame is needed and none is free. The machine is as it was after its last event. */
export class OutOfFrames extends Error {
  override readonly name: string = "OutOfFrames";
  readonly frameCount: number;

  constructor(frameCount: number) {
    super(`out of memory: all ${frameCount} frames (${(frameCount * 4096) / 2 ** 20} MiB) are in use`);
    this.frameCount = frameCount;
  }
}
