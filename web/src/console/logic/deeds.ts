/**
 * The tablet without a network: orders as they were last read, and steps that wait to be told to the server. A step carries the id that
 * was made when it was pressed, so telling it twice is telling it once; what the server refuses stays in sight with its reason.
 */
import type { Device, Options } from '$lib/api';
import { all, beginning, change, drop, read, within, write } from '$lib/offline/db';
import { alone, keepAnswer, keptAnswer, type KeptAnswer } from '$lib/offline/shop';
import type { OrderFull, OrderRow, Page } from '../api';
import { STATES, type OrderState } from './orders';

/** Steps that move goods forward. Those that give money back need the network: nobody should think it is on its way. */
export const LATER = ['pack', 'ship', 'deliver'] as const;
export type LaterVerb = (typeof LATER)[number];
const AFTER: Record<LaterVerb, OrderState> = { pack: 'packed', ship: 'shipped', deliver: 'delivered' };

export interface Deed {
  /** Made when it was pressed: the command's id. */
  key: string;
  order_id: string;
  number: string;
  verb: LaterVerb;
  at: number;
  /** Who pressed it: nobody else's session tells it. */
  party_id: number | null;
  /** Why the server refused it; null: it waits. */
  refused: { code: string; detail: string } | null;
}
/** The answer to a step that waits. */
export interface Queued {
  queued: true;
}
export const isQueued = (said: unknown): said is Queued => typeof said === 'object' && said !== null && 'queued' in said;

const ORDERS = '/api/console/orders';
const BOOT = '/api/bootstrap';
/** How long what is no longer looked at is kept: names and addresses are no souvenirs. */
const LONGEST = 3 * 86_400_000;
const OPEN_MOST = 60;

const listeners = new Set<() => void>();
export function watchDeeds(hear: () => void): () => void {
  listeners.add(hear);
  return () => listeners.delete(hear);
}
const told = () => listeners.forEach((hear) => hear());

export const deeds = async (): Promise<Deed[]> => (await all<Deed>('deeds')).sort((one, two) => one.at - two.at);

export async function undo(key: string): Promise<void> {
  await alone('halles.deeds', () => drop('deeds', key));
  told();
}

export const device: Device = {
  async answer(method: string, path: string, options: Options): Promise<unknown> {
    const [, id, verb] = /^\/api\/console\/orders\/([\da-f-]{36})(?:\/([a-z-]+))?$/.exec(path) ?? [];
    if (method === 'GET' && path === BOOT) return (await keptAnswer(BOOT))?.body;
    if (method === 'GET' && path === ORDERS) return list(options.query ?? {});
    if (method === 'GET' && id && !verb) return order(id);
    if (method === 'POST' && id && LATER.includes(verb as LaterVerb)) return queue(id, verb as LaterVerb, options.headers?.['idempotency-key'] ?? '');
    return undefined;
  },
  remember(method: string, path: string, options: Options, said: unknown): void {
    if (method !== 'GET') return;
    if (path === BOOT || /^\/api\/console\/orders\/[\da-f-]{36}$/.test(path)) void keepAnswer(path, said, Date.now());
    if (path === ORDERS && !options.query?.cursor && !options.query?.q && !options.query?.state) void keepAnswer(path, said, Date.now());
  },
};

async function queue(order_id: string, verb: LaterVerb, key: string): Promise<Queued | undefined> {
  const found = await order(order_id);
  const boot = (await keptAnswer(BOOT))?.body as { me?: { party_id: number | null } } | undefined;
  if (!found || !key) return undefined;
  await change<Deed>('deeds', key, (now) => now ?? { key, order_id, number: found.number, verb, at: Date.now(), party_id: boot?.me?.party_id ?? null, refused: null });
  told();
  return { queued: true };
}

/** An order as it was last read, with the steps that wait done to it. */
async function order(order_id: string): Promise<OrderFull | undefined> {
  const kept = (await keptAnswer(`${ORDERS}/${order_id}`))?.body as OrderFull | undefined;
  if (!kept) return undefined;
  const own = (await deeds()).filter((one) => one.order_id === order_id && !one.refused);
  return own.reduce((now, one) => ({ ...now, state: AFTER[one.verb] }), kept);
}

/** The list as it was last read, the newest page of it, with the steps that wait. */
async function list(query: Record<string, unknown>): Promise<Page<OrderRow> | undefined> {
  const kept = (await keptAnswer(ORDERS))?.body as Page<OrderRow> | undefined;
  if (!kept || query.cursor) return kept && { items: [], next: null };
  const steps = (await deeds()).filter((one) => !one.refused);
  const q = String(query.q ?? '').trim().toLowerCase();
  const items = kept.items
    .map((row) => steps.filter((one) => one.order_id === row.order_id).reduce((now, one) => ({ ...now, state: AFTER[one.verb] }), row))
    .filter((row) => (!query.state || row.state === query.state) && (!q || row.number.toLowerCase().includes(q) || (row.owner.name ?? '').toLowerCase().includes(q)));
  return { items, next: null };
}

/** When the list was last read; null: never. */
export const readAt = async (): Promise<number | null> => (await keptAnswer(ORDERS))?.at ?? null;

/** Tell the server what waits, oldest first, as the one who pressed it. */
export async function tell(): Promise<{ done: number; refused: number }> {
  return alone('halles.deeds', async () => {
    const found = { done: 0, refused: 0 };
    const waiting = (await deeds()).filter((one) => !one.refused);
    if (!waiting.length || navigator.onLine === false) return found;
    const boot = await fetch(BOOT, { credentials: 'same-origin' }).then((answer) => (answer.ok ? (answer.json() as Promise<{ me: { party_id: number | null } }>) : null)).catch(() => null);
    if (!boot) return found;
    for (const one of waiting.filter((deed) => deed.party_id === boot.me.party_id)) {
      const answer = await fetch(`${ORDERS}/${one.order_id}/${one.verb}`, { method: 'POST', credentials: 'same-origin', headers: { 'idempotency-key': one.key } }).catch(() => null);
      if (!answer || answer.status >= 500 || answer.status === 429 || answer.status === 401) break;
      if (answer.ok) {
        await drop('deeds', one.key);
        found.done += 1;
        continue;
      }
      const said = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
      await write('deeds', one.key, { ...one, refused: { code: String(said.code ?? ''), detail: String(said.detail ?? '') } });
      found.refused += 1;
    }
    if (found.done || found.refused) told();
    return found;
  });
}

/** Read what is still to be done, so that it is here when the network is not; let go of what is old. */
export async function prepare(): Promise<void> {
  const get = <T>(path: string) => fetch(path, { credentials: 'same-origin' }).then((answer) => (answer.ok ? (answer.json() as Promise<T>) : null)).catch(() => null);
  const old = (await beginning<KeptAnswer>('kept', `${ORDERS}/`)).filter(([, kept]) => Date.now() - kept.at > LONGEST);
  await within(['kept'], 'readwrite', (of) => old.forEach(([key]) => of('kept').delete(key)));
  const page = await get<Page<OrderRow>>(`${ORDERS}?limit=50`);
  if (!page) return;
  await keepAnswer(ORDERS, page, Date.now());
  const boot = await get<unknown>(BOOT);
  if (boot) await keepAnswer(BOOT, boot, Date.now());
  const open = page.items.filter((row) => STATES.indexOf(row.state as OrderState) < STATES.indexOf('delivered')).slice(0, OPEN_MOST);
  for (const row of open) {
    const kept = await read<KeptAnswer>('kept', `${ORDERS}/${row.order_id}`);
    if (kept && Date.now() - kept.at < 60_000 && (kept.body as OrderFull).state === row.state) continue;
    const found = await get<OrderFull>(`${ORDERS}/${row.order_id}`);
    if (found) await keepAnswer(`${ORDERS}/${row.order_id}`, found, Date.now());
  }
}

/** The console's own page and code, for the service worker to show without a network. */
export async function keepShell(): Promise<void> {
  if (!('serviceWorker' in navigator) || typeof caches === 'undefined') return;
  await navigator.serviceWorker.register('/sw.js').catch(() => undefined);
  await Promise.all([import('../pages/Orders.svelte'), import('../pages/Order.svelte')]);
  const here = performance.getEntriesByType('resource').map((one) => new URL(one.name)).filter((url) => url.origin === location.origin && url.pathname.startsWith('/assets/'));
  const assets = await caches.open('halles-assets');
  for (const path of new Set(here.map((url) => url.pathname))) if (!(await assets.match(path))) await assets.add(path).catch(() => undefined);
  const shell = await fetch('/console').catch(() => null);
  if (shell?.ok) await (await caches.open('halles-console')).put('/console', shell);
}
