/** SHA-256 (FIPS 180-4), for many short texts at once: the browser's own answers one at a time and only by promise. */
const K = new Uint32Array(64);
const START = new Uint32Array(8);
for (let candidate = 2, found = 0; found < 64; candidate += 1) {
  let prime = true;
  for (let divisor = 2; divisor * divisor <= candidate; divisor += 1) if (candidate % divisor === 0) prime = false;
  if (!prime) continue;
  const part = (root: number) => Math.floor((root - Math.floor(root)) * 0x1_0000_0000);
  if (found < 8) START[found] = part(Math.sqrt(candidate));
  K[found] = part(Math.cbrt(candidate));
  found += 1;
}
const W = new Uint32Array(64);

/** The first 32 bits of the hash of `bytes`, and all eight words in `into`. */
export function sha256(bytes: Uint8Array, into: Uint32Array): number {
  const padded = new Uint8Array(((bytes.length + 8) >> 6 << 6) + 64);
  padded.set(bytes);
  padded[bytes.length] = 0x80;
  const view = new DataView(padded.buffer);
  view.setUint32(padded.length - 4, bytes.length * 8);
  into.set(START);
  for (let block = 0; block < padded.length; block += 64) {
    for (let i = 0; i < 16; i += 1) W[i] = view.getUint32(block + i * 4);
    mix(into);
  }
  return into[0]!;
}

const turn = (x: number, by: number) => (x >>> by) | (x << (32 - by));

function mix(h: Uint32Array): void {
  for (let i = 16; i < 64; i += 1) {
    const x = W[i - 15]!;
    const y = W[i - 2]!;
    W[i] = W[i - 16]! + (turn(x, 7) ^ turn(x, 18) ^ (x >>> 3)) + W[i - 7]! + (turn(y, 17) ^ turn(y, 19) ^ (y >>> 10));
  }
  let [a, b, c, d, e, f, g, k] = h as unknown as [number, number, number, number, number, number, number, number];
  for (let i = 0; i < 64; i += 1) {
    const one = (k + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i]! + W[i]!) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [k, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + two) | 0];
  }
  const sum = [a, b, c, d, e, f, g, k];
  for (let i = 0; i < 8; i += 1) h[i] = h[i]! + sum[i]!;
}

/** Leading zero bits of eight words. */
export function zeroBits(words: Uint32Array): number {
  let bits = 0;
  for (const word of words) {
    bits += Math.clz32(word);
    if (word) return bits;
  }
  return bits;
}

/** The first nonce, counting up, for which SHA-256 of `challenge:nonce` begins with `bits` zero bits. */
export function solve(challenge: string, bits: number): string {
  const text = new TextEncoder();
  const words = new Uint32Array(8);
  for (let nonce = 0; ; nonce += 1) {
    sha256(text.encode(`${challenge}:${nonce}`), words);
    if (zeroBits(words) >= bits) return String(nonce);
  }
}
