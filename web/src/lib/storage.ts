/** Small things kept on this device. Where storage is switched off they last as long as the page. */
const spare = new Map<string, string>();

function shelf(session: boolean): Storage | null {
  try {
    return session ? sessionStorage : localStorage;
  } catch {
    return null;
  }
}

export function recall<T>(key: string, { session = false } = {}): T | null {
  try {
    const text = spare.get(key) ?? shelf(session)?.getItem(key);
    return text === undefined || text === null ? null : (JSON.parse(text) as T);
  } catch {
    return null;
  }
}

/** `null` forgets. */
export function keep(key: string, value: unknown, { session = false } = {}): void {
  spare.delete(key);
  try {
    if (value === null) return shelf(session)?.removeItem(key);
    const place = shelf(session);
    if (place) return place.setItem(key, JSON.stringify(value));
  } catch {
    // full or forbidden
  }
  if (value !== null) spare.set(key, JSON.stringify(value));
}
