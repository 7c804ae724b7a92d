// What Node 20 and browsers share but ES2023 does not declare: all that packages/*/src may use of its host.

interface TextEncoder {
  encode(text?: string): Uint8Array<ArrayBuffer>;
}
declare var TextEncoder: { new (): TextEncoder };

interface TextDecoder {
  decode(bytes?: Uint8Array, options?: { stream?: boolean }): string;
}
declare var TextDecoder: { new (label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean }): TextDecoder };

// Named by rxjs's own types; no package calls them.
declare function setTimeout(handler: () => void, milliseconds?: number): unknown;
declare function setInterval(handler: () => void, milliseconds?: number): unknown;
