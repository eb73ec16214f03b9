/**
 * The order that waits for its answer. Its id is made here and it is kept on the device, whole, from the touch until the server has
 * answered: a second touch, a lost answer or a reload sends the very same order again, and the server knows it by its id.
 * Only one order waits at a time. A refusal is an answer: the order was not placed, and the next one gets a new id.
 */
import { Offline, Problem, type OrderPlaced, type OrderPlace } from '$lib/api';
import { uuid7 } from '$lib/ids';
import { keep, recall } from '$lib/storage';

const KEPT = 'halles.pending_order';

export interface Pending {
  order: OrderPlace;
  at: string;
  /** It left the device at least once, so it may have been placed although no answer came. */
  sent: boolean;
}
export type Outcome =
  | { kind: 'placed'; order: OrderPlaced }
  | { kind: 'refused'; problem: Problem }
  | { kind: 'waiting' };

type Send = (order: OrderPlace) => Promise<OrderPlaced>;

const state = $state<{ now: Pending | null; sending: boolean }>({ now: recall<Pending>(KEPT), sending: false });
let flight: Promise<Outcome> | null = null;

export const pending = (): Pending | null => state.now;
export const sending = (): boolean => state.sending;

/** Place an order. While one waits, the same touch sends that one, whatever is asked: first we learn what became of it. */
export function place(draft: Omit<OrderPlace, 'order_id'>, send: Send): Promise<Outcome> {
  if (!state.now) put({ order: { ...draft, order_id: uuid7() }, at: new Date().toISOString(), sent: false });
  return resend(send);
}

/** Send the waiting order again. Two calls at once share one sending; two windows take turns. */
export function resend(send: Send): Promise<Outcome> {
  flight ??= alone(() => attempt(send)).finally(() => (flight = null));
  return flight;
}

/** Give up the waiting order. Only one that never left the device can be given up without asking the server. */
export function giveUp(): boolean {
  if (!state.now || state.now.sent || state.sending) return false;
  put(null);
  return true;
}

/** The waiting order goes to the outbox, which sends it from now on: the same one, under the same id. */
export function handOver(): void {
  if (!state.sending) put(null);
}

/** For another window's changes, and for tests. */
export function reread(): void {
  state.now = recall<Pending>(KEPT);
}

async function attempt(send: Send): Promise<Outcome> {
  reread(); // another window may have had the answer meanwhile
  const waiting = state.now;
  if (!waiting) return { kind: 'waiting' };
  if (navigator.onLine === false) return { kind: 'waiting' };
  state.sending = true;
  put({ ...waiting, sent: true });
  try {
    const order = await send(waiting.order);
    put(null);
    return { kind: 'placed', order };
  } catch (error) {
    if (error instanceof Offline) return { kind: 'waiting' };
    if (!(error instanceof Problem)) throw error;
    if (undecided(error)) return { kind: 'waiting' };
    put(null);
    return { kind: 'refused', problem: error };
  } finally {
    state.sending = false;
  }
}

/** The server did not say no: it was busy or broken, and may have placed the order all the same. */
const undecided = (problem: Problem) => problem.status >= 500 || problem.status === 429 || problem.status === 408;

function put(now: Pending | null): void {
  state.now = now;
  keep(KEPT, now);
}

function alone<T>(work: () => Promise<T>): Promise<T> {
  const locks = typeof navigator === 'undefined' ? undefined : navigator.locks;
  return locks ? locks.request('halles.order', work) as Promise<T> : work();
}
