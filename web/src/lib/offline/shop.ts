/**
 * The whole shop of one showroom on this device: taken once, then kept fresh by what changed. Every state is checked against the
 * server's digest before it replaces the one before, in one transaction: what is here is always one version, never half of two.
 */
import { beginning, Full, read, within, write } from './db';
import { noteServerTime } from './moment';

/** What is known of the shop on this device. */
export interface Kept {
  /** The question it answers: touchpoint, currency and language. */
  query: ShopQuery;
  bundle: string;
  version: number;
  digest: string;
  left_out: number;
  products: number;
  /** Bytes of its parts as they lie here. */
  bytes: number;
  /** The moment at which the shop was like this, by the server's clock. */
  read_at: string;
  honour_hours: number;
  /** Goes with every order made of these prices. */
  quote: string;
}
export interface ShopQuery {
  touchpoint: string | null;
  currency: string;
  lang: string;
}
export interface Size {
  bundle: string;
  version: number;
  products: number;
  left_out: number;
  bytes: number;
  bytes_zipped: number;
  honour_hours: number;
}
type Parts = Record<string, string>;
interface Snapshot {
  bundle: string;
  version: number;
  digest: string;
  products: number;
  left_out: number;
  entries: Parts;
}
interface Delta extends Omit<Snapshot, 'products' | 'entries'> {
  read_at: string;
  now: string;
  honour_hours: number;
  quote: string;
  entries: Record<string, string | null>;
}
/** `current`: nothing changed. `full`: there is no room for it here. `away`: the server did not answer. */
export type Synced = { kind: 'taken' | 'changed' | 'current' | 'away' | 'full'; kept: Kept | null; asked: number };

const KEY = 'shop';
const same = (one: ShopQuery, two: ShopQuery) => one.touchpoint === two.touchpoint && one.currency === two.currency && one.lang === two.lang;
const address = (path: string, query: object): string =>
  `/api/offline${path}?${new URLSearchParams(Object.entries(query).filter(([, value]) => value !== null).map(([name, value]) => [name, String(value)])).toString()}`;

export const keptShop = (): Promise<Kept | undefined> => read<Kept>('state', KEY);

/** SHA-256 of the lines `key`, tab, text, by key: as the server counts it. */
export async function digest(parts: Map<string, string>): Promise<string> {
  const lines = [...parts.keys()].sort().map((key) => `${key}\t${parts.get(key)!}`);
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(lines.join('\n')));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** A state with changes made to it; null takes a part away. */
export function applied(before: Map<string, string>, changes: Record<string, string | null>): Map<string, string> {
  const after = new Map(before);
  for (const [key, text] of Object.entries(changes)) {
    if (text === null) after.delete(key);
    else after.set(key, text);
  }
  return after;
}

/** How large the shop is, before it is fetched. */
export async function shopSize(query: ShopQuery): Promise<Size> {
  return (await asked('', query)) as Size;
}

/** Bring what is on this device up to date: by what changed where that is known, else whole. Two tabs take turns. */
export async function syncShop(query: ShopQuery): Promise<Synced> {
  return alone('halles.shop', async () => {
    let asked = 0;
    try {
      let kept = await keptShop();
      let taken = false;
      for (let turn = 0; turn < 2; turn += 1) {
        if (!kept || !same(kept.query, query) || turn) {
          kept = await take(query);
          taken = true;
        }
        const before: Kept = kept;
        const found = await follow(before);
        asked = found.asked;
        if (found.kept) return { kind: taken ? 'taken' : found.kept.version === before.version ? 'current' : 'changed', kept: found.kept, asked };
      }
      return { kind: 'away', kept: (await keptShop()) ?? null, asked };
    } catch (error) {
      if (error instanceof Full) return { kind: 'full', kept: (await keptShop().catch(() => undefined)) ?? null, asked };
      if (error instanceof Silent) return { kind: 'away', kept: (await keptShop().catch(() => undefined)) ?? null, asked };
      throw error;
    }
  });
}

/** The server does not answer, or not with a shop. */
class Silent extends Error {}
class Afresh extends Error {}

async function asked(path: string, query: object): Promise<unknown> {
  let response: Response;
  try {
    response = await fetch(address(path, query), { credentials: 'same-origin', headers: { accept: 'application/json' }, signal: AbortSignal.timeout(60_000) });
  } catch (error) {
    throw new Silent('no answer', { cause: error });
  }
  if (response.status === 409) throw new Afresh();
  if (!response.ok) throw new Silent(String(response.status));
  return response.json().catch((error: unknown) => {
    throw new Silent('cut off', { cause: error });
  });
}

async function take(query: ShopQuery): Promise<Kept> {
  const told = (await asked('/snapshot', query)) as Snapshot;
  const parts = new Map(Object.entries(told.entries));
  if ((await digest(parts)) !== told.digest) throw new Silent('another digest');
  const kept: Kept = {
    query,
    bundle: told.bundle,
    version: told.version,
    digest: told.digest,
    left_out: told.left_out,
    products: told.products,
    bytes: sizeOf(parts),
    read_at: '',
    honour_hours: 0,
    quote: '',
  };
  await within(['parts', 'state'], 'readwrite', (of) => {
    of('parts').clear();
    for (const [key, text] of parts) of('parts').put(text, key);
    of('state').put(kept, KEY);
  });
  return kept;
}

/** What changed since; `kept` null: it cannot be told, or does not fit what is here. */
async function follow(before: Kept): Promise<{ kept: Kept | null; asked: number }> {
  const sent = Date.now();
  let told: Delta;
  try {
    told = (await asked('/delta', { ...before.query, bundle: before.bundle, since: before.version })) as Delta;
  } catch (error) {
    if (error instanceof Afresh) return { kept: null, asked: 0 };
    throw error;
  }
  await noteServerTime(told.now, sent, Date.now());
  const changed = Object.keys(told.entries).length;
  let { products, bytes } = before;
  if (changed || told.digest !== before.digest) {
    const after = applied(new Map(await beginning<string>('parts', '')), told.entries);
    if ((await digest(after)) !== told.digest) return { kept: null, asked: changed };
    products = [...after.keys()].filter((key) => key.startsWith('p:')).length;
    bytes = sizeOf(after);
  }
  const kept: Kept = { ...before, version: told.version, digest: told.digest, left_out: told.left_out, products, bytes, read_at: told.read_at, honour_hours: told.honour_hours, quote: told.quote };
  await within(['parts', 'state'], 'readwrite', (of) => {
    for (const [key, text] of Object.entries(told.entries)) {
      if (text === null) of('parts').delete(key);
      else of('parts').put(text, key);
    }
    of('state').put(kept, KEY);
  });
  return { kept, asked: changed };
}

/** Texts are kept as UTF-16 or Latin letters: about a byte a letter. */
const sizeOf = (parts: Map<string, string>): number => [...parts].reduce((sum, [key, text]) => sum + key.length + text.length, 0);

/** Take the shop off this device. Orders that wait stay. */
export async function forgetShop(): Promise<void> {
  await within(['parts', 'state'], 'readwrite', (of) => {
    of('parts').clear();
    of('state').delete(KEY);
  });
}

/** Somebody signs out: what was theirs to read is no longer here. Orders that wait stay, and ask for their owner. */
export async function forgetPerson(): Promise<void> {
  await within(['kept', 'state'], 'readwrite', (of) => {
    of('kept').clear();
    of('state').delete('basket');
  });
}

/** A part as it lies here. */
export async function part<T>(key: string): Promise<T | null> {
  const text = await read<string>('parts', key);
  return text === undefined ? null : (JSON.parse(text) as T);
}
export async function partsOf<T>(kind: string): Promise<[string, T][]> {
  return (await beginning<string>('parts', kind)).map(([key, text]) => [key.slice(kind.length), JSON.parse(text) as T]);
}

/** One at a time over all tabs and the service worker. */
export function alone<T>(name: string, work: () => Promise<T>): Promise<T> {
  const locks = typeof navigator === 'undefined' ? undefined : navigator.locks;
  return locks ? (locks.request(name, work) as Promise<T>) : work();
}

/** As JSON: what is observed by a page cannot be kept as it is. */
export const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** A last answer of a page that shows how things stand, for when there is none. */
export interface KeptAnswer {
  body: unknown;
  at: number;
}
export const keepAnswer = (address_: string, body: unknown, at: number): Promise<void> => write('kept', address_, { body: plain(body), at } satisfies KeptAnswer).catch(() => undefined);
export const keptAnswer = (address_: string): Promise<KeptAnswer | undefined> => read<KeptAnswer>('kept', address_);
