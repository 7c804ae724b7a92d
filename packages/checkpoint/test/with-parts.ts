// An object some of whose members are other ones: how deliberate bugs and troubles are built around the real thing.

/** `whole`, but for `parts`. Methods that are not replaced act on `whole`. */
export function withParts<Whole extends object>(whole: Whole, parts: Partial<Whole>): Whole {
  return new Proxy(whole, {
    get(target, name) {
      if (Reflect.has(parts, name)) return Reflect.get(parts, name);
      const part: unknown = Reflect.get(target, name, target);
      return typeof part === "function" ? part.bind(target) : part;
    },
  });
}
