/**
 * Orders that wait for the network: kept whole on the device, seen and cancelled by the shopper, sent by whichever comes first, a page or
 * the service worker. An order's id is made on the phone, so sending it again is safe; one lock over all tabs and the worker lets
 * one of them send at a time. A refusal is an answer: the order stays here with it and asks, and nothing is lost from the basket.
 */
import type { Me, OrderPlace, OrderPlaced } from '../api/types';
import { all, change, drop, read } from './db';
import { alone, plain, type Kept } from './shop';

export const CHANNEL = 'halles.outbox';
export const SYNC_TAG = 'halles-outbox';

/** A line as the shopper saw it when ordering. */
export interface WaitingLine {
  product_id: string;
  variant_id: number;
  title: string;
  options: string;
  image: string | null;
  quantity: number;
}
/** A refusal's code and facts; `status` 401 asks to sign in. */
export interface Asks {
  code: string;
  status: number;
  detail: string;
  fields: Record<string, unknown>;
}
export type QuotedOrder = OrderPlace & { quote?: string | null };
export interface Waiting {
  order: QuotedOrder;
  lines: WaitingLine[];
  /** When it was made, by the server's clock as far as the phone knew it. */
  made_at: number;
  /** Of when the prices were that it shows. */
  shown_at: string | null;
  /** Whose order it is: a guest's, or nobody's yet, may be placed by whoever this phone's guest is then. */
  who: { party_id: number | null; guest: boolean };
  state: 'waiting' | 'asks' | 'sign_in' | 'placed';
  /** It left the device at least once, so it may have been placed although no answer came. */
  sent: boolean;
  /** The shopper wants it back: if it was placed meanwhile, it is cancelled. */
  cancel: boolean;
  asks: Asks | null;
  placed: OrderPlaced | null;
  /** A line cost less than shown, and was taken at that price. */
  cheaper: boolean;
}
export type Flushed = { sent: number; placed: Waiting[]; asks: Waiting[]; away: boolean };

const listeners = new Set<() => void>();
const channel = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(CHANNEL);
channel?.addEventListener('message', () => listeners.forEach((hear) => hear()));

/** Hear of every change, in this tab, another or the worker. */
export function watchOutbox(hear: () => void): () => void {
  listeners.add(hear);
  return () => listeners.delete(hear);
}
function told(): void {
  channel?.postMessage('changed');
  listeners.forEach((hear) => hear());
}

export const outbox = async (): Promise<Waiting[]> => (await all<Waiting>('outbox')).sort((one, two) => one.made_at - two.made_at);

/** Keep an order until it can be sent. Raises Full where the device has no room even for that. */
export async function queue(waiting: Omit<Waiting, 'state' | 'cancel' | 'asks' | 'placed' | 'cheaper'>): Promise<void> {
  await change<Waiting>('outbox', waiting.order.order_id, (now) => now ?? { ...plain(waiting), state: 'waiting', cancel: false, asks: null, placed: null, cheaper: false });
  told();
  await askWorker();
}

/** Ask the browser to wake the service worker when the network is back, page open or not. Safari cannot. */
async function askWorker(): Promise<void> {
  try {
    const registration = (await navigator.serviceWorker?.getRegistration()) as (ServiceWorkerRegistration & { sync?: { register: (tag: string) => Promise<void> } }) | undefined;
    await registration?.sync?.register(SYNC_TAG);
  } catch {
    // pages send it when they are opened
  }
}

/** Take an order back. One that never left the device is gone at once; another is cancelled as soon as its fate is known. */
export async function cancelWaiting(order_id: string): Promise<'gone' | 'asked'> {
  return alone(CHANNEL, async () => {
    const now = await read<Waiting>('outbox', order_id);
    const certain = !now || !now.sent || now.state === 'asks' || now.state === 'placed';
    if (certain) await drop('outbox', order_id);
    else await change<Waiting>('outbox', order_id, (one) => one && { ...one, cancel: true, state: 'waiting' });
    told();
    return certain ? 'gone' : 'asked';
  });
}

/** The shopper agrees to what the refusal said: the new price, the new date, the pieces that are left. */
export async function agree(order_id: string, kept: Kept | null): Promise<void> {
  await change<Waiting>('outbox', order_id, (now) => {
    if (!now?.asks) return now;
    const order = agreed(now.order, now.asks);
    if (!order.lines.length) return undefined;
    return { ...now, order: { ...order, quote: kept?.quote || order.quote }, lines: now.lines.filter((line) => quantityOf(order, line.variant_id)).map((line) => ({ ...line, quantity: quantityOf(order, line.variant_id) })), state: 'waiting', asks: null, sent: false };
  });
  told();
}

/** Send it again as it is: after signing in, after money was added. */
export async function again(order_id: string): Promise<void> {
  await change<Waiting>('outbox', order_id, (now) => now && { ...now, state: 'waiting', asks: null });
  told();
}

const quantityOf = (order: QuotedOrder, variant_id: number): number => order.lines.find((line) => line.variant_id === variant_id)?.quantity ?? 0;

/** The order with what a refusal asks for; an article that is gone leaves it. */
export function agreed(order: QuotedOrder, asks: Asks): QuotedOrder {
  const variant_id = Number(asks.fields.variant_id);
  const lines = (how: (line: QuotedOrder['lines'][number]) => Partial<QuotedOrder['lines'][number]> | null) =>
    order.lines.flatMap((line) => {
      if (line.variant_id !== variant_id) return [line];
      const other = how(line);
      return other ? [{ ...line, ...other }] : [];
    });
  if (asks.code === 'pricing.price_changed') return { ...order, lines: lines(() => ({ unit_price_minor: Number(asks.fields.unit_price_minor) })) };
  if (asks.code === 'pricing.no_price' || asks.code === 'promises.no_lane') return { ...order, lines: lines(() => null) };
  if (asks.code === 'inventory.insufficient_stock') {
    const left = Number(asks.fields.sellable ?? 0);
    return { ...order, lines: lines(() => (left > 0 ? { quantity: left } : null)) };
  }
  const promise = asks.fields.promise as { lane: string; date: string; latest: string | null } | undefined;
  if (asks.code === 'promises.changed' && promise) return { ...order, promise: { lane: promise.lane, date: promise.date, latest: promise.latest } };
  return order;
}

/** Whether a refusal can be agreed to with one touch. */
export const canAgree = (asks: Asks): boolean =>
  ['pricing.price_changed', 'pricing.no_price', 'promises.no_lane', 'inventory.insufficient_stock'].includes(asks.code) || (asks.code === 'promises.changed' && !!asks.fields.promise);

let flight: Promise<Flushed> | null = null;
/** Send what waits, one after the other, oldest first. Calls at once share one turn; other tabs and the worker take theirs after it. */
export function flush(): Promise<Flushed> {
  flight ??= alone(CHANNEL, sendAll).finally(() => (flight = null));
  return flight;
}

async function sendAll(): Promise<Flushed> {
  const done: Flushed = { sent: 0, placed: [], asks: [], away: false };
  for (const { order } of (await outbox()).filter((one) => one.state === 'waiting' || one.state === 'sign_in')) {
    const after = await settle(order.order_id);
    if (after === 'away') {
      done.away = true;
      break;
    }
    if (!after) continue;
    done.sent += 1;
    if (after.state === 'placed') done.placed.push(after);
    else if (after.state !== 'waiting') done.asks.push(after);
  }
  if (done.sent) told();
  return done;
}

const put = (order_id: string, with_: Partial<Waiting>) => change<Waiting>('outbox', order_id, (now) => now && { ...now, ...with_ });

/** What becomes of one order; undefined: it is gone. */
async function settle(order_id: string): Promise<Waiting | 'away' | undefined> {
  let now = await read<Waiting>('outbox', order_id);
  if (!now) return undefined;
  const fits = await asItsOwner(now);
  if (fits === 'away') return 'away';
  if (!fits) return put(order_id, { state: 'sign_in', asks: null });
  if (now.cancel) return takeBack(now);
  for (let turn = 0; turn <= 100; turn += 1) {
    await put(order_id, { sent: true, state: 'waiting' });
    const answer = await ask('POST', '/api/orders', now.order);
    if (!answer || undecided(answer.status)) return 'away';
    if (answer.ok) {
      const placed = answer.said as unknown as OrderPlaced;
      await forgetLines(now.order);
      return put(order_id, { state: 'placed', placed, asks: null });
    }
    if (answer.status === 401) return put(order_id, { state: 'sign_in', sent: false });
    const asks: Asks = { code: String(answer.said.code ?? `http.${answer.status}`), status: answer.status, detail: String(answer.said.detail ?? ''), fields: answer.said };
    if (!fell(now.order, asks)) return put(order_id, { state: 'asks', asks, sent: false });
    now = (await put(order_id, { order: agreed(now.order, asks), cheaper: true, sent: false }))!;
  }
  return undefined;
}

/** Nobody is asked whether they agree to pay less. */
function fell(order: QuotedOrder, asks: Asks): boolean {
  const line = order.lines.find((one) => one.variant_id === Number(asks.fields.variant_id));
  return asks.code === 'pricing.price_changed' && !!line && Number(asks.fields.unit_price_minor) < line.unit_price_minor;
}

/** The server did not say no: it was busy or broken, and may have placed the order all the same. */
const undecided = (status: number) => status >= 500 || status === 429 || status === 408;

/** Whether who is signed in on this phone is who made the order. A guest's order may be placed by the guest of now. */
async function asItsOwner(waiting: Waiting): Promise<boolean | 'away'> {
  const answer = await ask('GET', '/api/bootstrap');
  if (!answer?.ok) return answer && answer.status < 500 && answer.status !== 429 ? true : 'away';
  const me = answer.said.me as Me;
  if (!waiting.who.guest && waiting.who.party_id !== null) return me.party_id === waiting.who.party_id;
  if (me.party_id !== null) return true;
  const made = await ask('POST', '/api/guest');
  return made ? made.ok : 'away';
}

/** Cancelled by the shopper after it left the phone: find out, and cancel it there if it stands. */
async function takeBack(waiting: Waiting): Promise<Waiting | 'away' | undefined> {
  const path = `/api/orders/${waiting.order.order_id}`;
  const found = await ask('GET', path);
  if (!found || undecided(found.status)) return 'away';
  if (found.ok && found.said.state === 'placed') {
    const answer = await ask('POST', `${path}/cancel`, undefined, { 'idempotency-key': waiting.order.order_id });
    if (!answer || undecided(answer.status)) return 'away';
    if (!answer.ok) return put(waiting.order.order_id, { state: 'placed', placed: found.said as unknown as OrderPlaced, cancel: false });
  }
  await drop('outbox', waiting.order.order_id);
  told();
  return undefined;
}

/** What was ordered is in no basket any more. */
async function forgetLines(order: QuotedOrder): Promise<void> {
  await change<Record<number, unknown>>('state', 'basket', (now) => {
    if (!now) return now;
    return Object.fromEntries(Object.entries(now).filter(([variant_id]) => !quantityOf(order, Number(variant_id))));
  });
}

interface Answer {
  ok: boolean;
  status: number;
  said: Record<string, unknown>;
}
/** Null: no answer. */
async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer | null> {
  try {
    const response = await fetch(path, {
      method,
      credentials: 'same-origin',
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(20_000),
    });
    const said = (await response.json().catch(() => ({}))) as Record<string, unknown>;
    if (!said.code && [502, 503, 504].includes(response.status)) return null;
    return { ok: response.ok, status: response.status, said };
  } catch {
    return null;
  }
}
