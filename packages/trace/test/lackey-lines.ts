// The notation of lackey's text: a line a string.

/** Lines as a trace. */
export const lines = (...text: readonly string[]): Uint8Array =>
  new Uint8Array(Buffer.from(text.map((line) => `${line}\n`).join("")));
/** A system call of process 7 that succeeded. */
export const call = (number: number, text: string, result: string): string =>
  `SYSCALL[7,1](${number}) ${text} --> [pre-success] Success(${result}) `;
