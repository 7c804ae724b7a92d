// Packages that a user's module may import, wherever it lies: the command's own copies, which lie beside it as it was bundled.

import { register } from "node:module";

/** One copy of each, so that what a strategy throws is what the command knows. The bundler makes a file of each name. */
const names = ["checkpoint", "mmu", "vfs", "vma"] as const;

/** From now on `import "@pagelapse/checkpoint"` and the like lead to them. */
export function offerOwnPackages(): void {
  const own = Object.fromEntries(names.map((name) => [`@pagelapse/${name}`, new URL(`./${name}.js`, import.meta.url).href]));
  register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: own });
}

/** Node runs it in a thread of its own, as a module of its own (Node's `module.register`). */
const hooks = `
let own;
export function initialize(data) {
  own = data;
}
export function resolve(specifier, context, next) {
  const url = own[specifier];
  return url === undefined ? next(specifier, context) : { url, shortCircuit: true };
}
`;
