/**
 * Answers asked for before the app's scripts have arrived: `entries/early.ts` asks, `api/client.ts` takes. Each is taken once; what
 * nobody asked for early is asked for as usual.
 */
type Early = Record<string, Promise<Response>>;
const shelf = globalThis as { hallesEarly?: Early };

export function askEarly(address: string, language: string): void {
  const answer = fetch(address, { credentials: 'same-origin', headers: { accept: 'application/json', 'accept-language': language } });
  answer.catch(() => undefined); // who takes it will hear of it
  (shelf.hallesEarly ??= {})[address] = answer;
}

export function takeEarly(address: string): Promise<Response> | undefined {
  const found = shelf.hallesEarly?.[address];
  delete shelf.hallesEarly?.[address];
  return found;
}
