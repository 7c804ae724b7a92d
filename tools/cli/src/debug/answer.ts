// What a command answers: lines for people, and the same as plain JSON for programs.

/** An answer. */
export interface Answer {
  readonly lines: readonly string[];
  readonly value: object;
  /** What Enter does next; `undefined`: the same command again. */
  readonly repeat: string | undefined;
}

/** An answer after which Enter does the same again. */
export function answer(lines: readonly string[], value: object): Answer {
  return { lines, value, repeat: undefined };
}

/** An answer after which Enter goes on where it ended. */
export function answerInPart(lines: readonly string[], value: object, repeat: string): Answer {
  return { lines, value, repeat };
}
