export type { Command, Fault, Result } from "./command.ts";
