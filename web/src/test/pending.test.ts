import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Offline, Problem, type OrderPlaced, type OrderPlace } from '$lib/api';
import { giveUp, pending, place, reread, resend } from '../shop/lib/pending.svelte';

const draft: Omit<OrderPlace, 'order_id'> = {
  seller_id: 2,
  touchpoint: 'marais-photo',
  currency: 'EUR',
  lines: [{ variant_id: 7, quantity: 1, unit_price_minor: 1240, match_id: null }],
  promise: { lane: 'hub', date: '2026-11-24', latest: null },
  ship_to: null,
  email: null,
  payment: 'wallet',
};
const answer = (order: OrderPlace): OrderPlaced => ({ order_id: order.order_id, number: 'H-1', state: 'placed', total: { minor: 1240, currency: 'EUR' }, placed_at: '2026-11-21T10:00:00Z' });
const refused = (status: number, code: string) => new Problem(status, { code, detail: code });

let online = true;
beforeEach(() => {
  localStorage.clear();
  reread();
  online = true;
  vi.spyOn(navigator, 'onLine', 'get').mockImplementation(() => online);
});

describe('an order', () => {
  it('is placed once by a double touch', async () => {
    const send = vi.fn(async (order: OrderPlace) => {
      await Promise.resolve();
      return answer(order);
    });
    const [one, two] = await Promise.all([place(draft, send), place(draft, send)]);
    expect(send).toHaveBeenCalledTimes(1);
    expect(one).toEqual(two);
    expect(one.kind).toBe('placed');
    expect(pending()).toBeNull();
  });

  it('keeps its id over a lost answer and a reload', async () => {
    const sent: OrderPlace[] = [];
    const lost = (order: OrderPlace) => {
      sent.push(order);
      return Promise.reject(new Offline());
    };
    expect((await place(draft, lost)).kind).toBe('waiting');
    reread(); // as a reload would
    expect(pending()).toMatchObject({ sent: true });
    const outcome = await resend((order) => {
      sent.push(order);
      return Promise.resolve(answer(order));
    });
    expect(outcome.kind).toBe('placed');
    expect(sent[1]).toEqual(sent[0]);
    expect(sent[0]!.order_id).toMatch(/^[\da-f]{8}-[\da-f]{4}-7[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
  });

  it('is sent before any other while it waits', async () => {
    await place(draft, () => Promise.reject(new Offline()));
    const first = pending()!.order.order_id;
    const send = vi.fn((order: OrderPlace) => Promise.resolve(answer(order)));
    await place({ ...draft, lines: [{ variant_id: 8, quantity: 3, unit_price_minor: 100, match_id: null }] }, send);
    expect(send).toHaveBeenCalledTimes(1);
    expect(send.mock.calls[0]![0].order_id).toBe(first);
    expect(send.mock.calls[0]![0].lines[0]!.variant_id).toBe(7);
  });

  it('gets a new id after a refusal, for a refusal is an answer', async () => {
    const ids: string[] = [];
    const refuse = (order: OrderPlace) => {
      ids.push(order.order_id);
      return Promise.reject(refused(409, 'pricing.price_changed'));
    };
    expect(await place(draft, refuse)).toMatchObject({ kind: 'refused', problem: { code: 'pricing.price_changed' } });
    await place(draft, refuse);
    expect(new Set(ids).size).toBe(2);
    expect(pending()).toBeNull();
  });

  it.each([500, 503, 429])('waits when the server could not decide (%i)', async (status) => {
    expect((await place(draft, () => Promise.reject(refused(status, 'kernel.unavailable')))).kind).toBe('waiting');
    expect(pending()).not.toBeNull();
  });

  it('stays here without a network, and can be given up only then', async () => {
    online = false;
    const send = vi.fn();
    expect((await place(draft, send)).kind).toBe('waiting');
    expect(send).not.toHaveBeenCalled();
    expect(giveUp()).toBe(true);
    expect(pending()).toBeNull();

    online = true;
    await place(draft, () => Promise.reject(new Offline()));
    expect(giveUp()).toBe(false); // it may have arrived
    expect(pending()).not.toBeNull();
  });

  it('is not sent again when another window had the answer', async () => {
    await place(draft, () => Promise.reject(new Offline()));
    localStorage.removeItem('halles.pending_order');
    const send = vi.fn();
    await resend(send);
    expect(send).not.toHaveBeenCalled();
  });
});
