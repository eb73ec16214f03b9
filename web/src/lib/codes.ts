/** What a code says: a product's number, one of our own links, or nothing of ours. */

export type Code = { kind: 'product'; code: string; touchpoint: string | null } | { kind: 'page'; path: string } | { kind: 'foreign' };

/**
 * GTINs travel as digits. A link is a GS1 Digital Link (`/01/…`, any host: the number counts, not who printed it), a sample (`/s/…`) or a
 * page of this shop. Other links are never followed.
 */
export function understand(text: string, origin: string): Code {
  const plain = text.trim();
  if (/^\d{8,14}$/.test(plain)) return { kind: 'product', code: plain, touchpoint: null };
  let url: URL;
  try {
    url = new URL(plain);
  } catch {
    return plain && plain.length <= 200 ? { kind: 'product', code: plain, touchpoint: null } : { kind: 'foreign' };
  }
  if (!/^https?:$/.test(url.protocol)) return { kind: 'foreign' };
  const touchpoint = url.searchParams.get('t');
  const gtin = /\/01\/(\d{8,14})(?=\/|$)/.exec(url.pathname)?.[1];
  if (gtin) return { kind: 'product', code: gtin, touchpoint };
  const sample = /^\/s\/([\w-]+)\/?$/.exec(url.pathname)?.[1];
  if (sample) return { kind: 'product', code: sample, touchpoint };
  return url.origin === origin ? { kind: 'page', path: url.pathname + url.search } : { kind: 'foreign' };
}

/** The GTIN-14 that a code names, with a right check digit; null: it names none. */
export function gtinOf(text: string, origin: string): string | null {
  const code = understand(text, origin);
  if (code.kind !== 'product' || !/^(\d{8}|\d{12,14})$/.test(code.code)) return null;
  const digits = code.code.padStart(14, '0');
  const sum = [...digits.slice(0, 13)].reduce((total, digit, i) => total + Number(digit) * (i % 2 ? 1 : 3), 0);
  return (10 - (sum % 10)) % 10 === Number(digits[13]) ? digits : null;
}
