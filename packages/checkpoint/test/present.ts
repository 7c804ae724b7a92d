// What a test knows to be there.

/** The value; throws where there is none. */
export function present<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("nothing is there");
  return value;
}
