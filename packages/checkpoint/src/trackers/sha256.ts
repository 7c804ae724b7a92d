// SHA-256 (FIPS 180-4), for browsers and Node alike: at once, where the web's own only comes later.

const blockBytes = 64;

/** The 32 bytes of the digest. */
export function sha256(bytes: Uint8Array): Uint8Array {
  const state = fractions(8, 1 / 2);
  const whole = Math.floor(bytes.length / blockBytes) * blockBytes;
  const schedule = new Int32Array(64);
  addBlocks(state, bytes.subarray(0, whole), schedule);
  addBlocks(state, lastBlocks(bytes.subarray(whole), bytes.length), schedule);
  const digest = new Uint8Array(32);
  const view = new DataView(digest.buffer);
  state.forEach((word, index) => view.setInt32(index * 4, word));
  return digest;
}

/** What is left of the message, a bit that is set, zeros, and the message's length in bits. */
function lastBlocks(rest: Uint8Array, byteCount: number): Uint8Array {
  const padded = new Uint8Array(rest.length + 9 > blockBytes ? 2 * blockBytes : blockBytes);
  padded.set(rest);
  padded[rest.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 8, Math.floor((byteCount * 8) / 2 ** 32));
  view.setUint32(padded.length - 4, (byteCount * 8) % 2 ** 32);
  return padded;
}

function addBlocks(state: Int32Array, bytes: Uint8Array, schedule: Int32Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < bytes.length; at += blockBytes) {
    for (let i = 0; i < 16; i++) schedule[i] = view.getInt32(at + i * 4);
    for (let i = 16; i < 64; i++) {
      const x = schedule[i - 15];
      const y = schedule[i - 2];
      const near = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
      const far = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
      schedule[i] = (schedule[i - 16] + near + schedule[i - 7] + far) | 0;
    }
    addBlock(state, schedule);
  }
}

/** The compression function, in the letters of the standard. */
function addBlock(state: Int32Array, schedule: Int32Array): void {
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i++) {
    const choice = (e & f) ^ (~e & g);
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const first = (h + (rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)) + choice + constants[i] + schedule[i]) | 0;
    const second = ((rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)) + majority) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, index) => (state[index] += word));
}

function rotate(word: number, bits: number): number {
  return (word >>> bits) | (word << (32 - bits));
}

/** The first 32 bits of the fractional parts of that root of the first primes. */
function fractions(count: number, exponent: number): Int32Array {
  const words = new Int32Array(count);
  for (let candidate = 2, found = 0; found < count; candidate++) {
    let divisor = 2;
    while (divisor * divisor <= candidate && candidate % divisor !== 0) divisor++;
    if (divisor * divisor > candidate) words[found++] = Math.floor((candidate ** exponent % 1) * 2 ** 32);
  }
  return words;
}

const constants = fractions(64, 1 / 3);
