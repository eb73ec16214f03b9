/** What pages see of the shop and the orders that are kept on this device. */
import type { Kept } from './shop';
import type { Waiting } from './outbox';

interface Seen {
  kept: Kept | null;
  waiting: Waiting[];
  full: boolean;
  started: boolean;
  clock: boolean;
}
let now = $state.raw<Seen>({ kept: null, waiting: [], full: false, started: false, clock: false });

/** The shop on this device; null: none, or not looked for yet. */
export const keptNow = (): Kept | null => (now.kept?.read_at ? now.kept : null);
export const waitingNow = (): Waiting[] => now.waiting;
/** There was no room for everything. */
export const isFull = (): boolean => now.full;
/** The phone's clock is wrong. */
export const clockWrong = (): boolean => now.clock;

export function show(what: Partial<Seen>): void {
  now = { ...now, ...what, started: true };
}
