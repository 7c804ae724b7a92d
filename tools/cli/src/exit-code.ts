// What the command's exit code says.

/** Exit codes, as the help lists them. */
export const exitCodes = {
  /** All that was asked for was done, and what was checked held. */
  done: 0,
  /** The replay ended, and something that claims to be right was not. */
  disproved: 1,
  /** Bad usage or bad input: one line on stderr says which. */
  refused: 2,
  /** A fault of the command itself. */
  broken: 70,
  /** SIGHUP: the terminal is gone. */
  hungUp: 129,
  /** Ctrl-C. */
  interrupted: 130,
  /** SIGTERM. */
  terminated: 143,
} as const;

/** One of them. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
