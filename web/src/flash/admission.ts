/** The admission that goes with the next order: kept in this window until it runs out. */
const KEPT = 'halles.admission';

interface Kept {
  variants: number[];
  token: string;
  until: number;
}

export function keepAdmission(variants: number[], token: string, until: number): void {
  try {
    sessionStorage.setItem(KEPT, JSON.stringify({ variants, token, until } satisfies Kept));
  } catch {
    // storage is switched off: the sale's page gives it again
  }
}

/** What an order of these articles carries: `{admission}` while one is valid, nothing otherwise. */
export function admissionFor(variants: number[], now = Date.now()): { admission?: string } {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? 'null') as Kept | null;
    if (kept && now < kept.until && kept.variants.some((one) => variants.includes(one))) return { admission: kept.token };
  } catch {
    // as above
  }
  return {};
}
