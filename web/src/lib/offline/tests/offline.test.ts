import 'fake-indexeddb/auto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { IDBFactory } from 'fake-indexeddb';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { OrderPlace } from '$lib/api';
import { basket, changes, includedTax, setOffline } from '../basket';
import { closeStorage } from '../db';
import { clockIsOff, clockWentBack, serverNow } from '../moment';
import { again, agree, cancelWaiting, flush, outbox, queue, type Waiting } from '../outbox';
import { search, scan, product } from '../shelves';
import { digest, keepAnswer, keptShop, part, syncShop } from '../shop';

const QUERY = { touchpoint: 'marais-photo', currency: 'EUR', lang: 'en' };
const NOW = '2026-11-21T10:00:00Z';
const offer = (minor: number, more: object = {}) =>
  JSON.stringify({ price: { minor, currency: 'EUR' }, was_price: null, label_price: null, rate_date: null, unit_price: null, tax: null, available: 'yes', left: null, until: null, promise: 'w:1.0', ...more });
const article = (id: string, variant_id: number, title: string) =>
  JSON.stringify({ product_id: id, seller_id: 2, title, brand: 'Halles', category: 'coats', family: 'fashion', image: null, on_display: false, description: '', origin: null, attributes: [], images: [], variants: [{ variant_id, sku: `S-${variant_id}`, gtin: '03012345678900', options: [], images: [] }] });
const FIRST: Record<string, string> = {
  'a:shop': JSON.stringify({ seller: { seller_id: 2, name: 'Halles' }, place: null, currencies: ['EUR'], currency: 'EUR', label_currency: null, country: 'FR' }),
  'p:one': article('one', 7, 'Écru trench coat'),
  'p:two': article('two', 8, 'Linen shirt'),
  'v:7': offer(1200),
  'v:8': offer(900),
  's:AB12': JSON.stringify({ product_id: 'two', variant_id: 8, sample_id: 3 }),
  'w:1.0': JSON.stringify({ kind: 'delivery', date: '2099-01-02', latest: '2099-01-04', lane: 'hub', from: 'Roissy', days: 3, confidence: 'kept', text_key: 'promise.hub' }),
};

/** A server with a shop, a session and orders, as a phone meets it. */
class Server {
  version = 1;
  now = NOW;
  state = { ...FIRST };
  before: Record<string, string> = {};
  party: number | null = 5;
  /** The network: `away` loses the question, `deaf` the answer to an order. */
  line: 'up' | 'away' | 'deaf' = 'up';
  placed = new Map<string, OrderPlace>();
  refuse: ((order: OrderPlace) => Record<string, unknown> | null) | null = null;
  asked: string[] = [];
  spoil = false;

  async answer(url: string, init: RequestInit = {}): Promise<Response> {
    if (this.line === 'away') throw new TypeError('network');
    const path = url.split('?')[0]!;
    this.asked.push(`${init.method ?? 'GET'} ${path}`);
    const found = await this.say(path, init, new URLSearchParams(url.split('?')[1]));
    if (this.line === 'deaf' && path === '/api/orders') throw new TypeError('network');
    return found;
  }
  private async say(path: string, init: RequestInit, query: URLSearchParams): Promise<Response> {
    const json = (body: unknown, status = 200) => new Response(JSON.stringify(body), { status });
    const whole = { bundle: 'b', version: this.version, digest: await digest(new Map(Object.entries(this.state))), left_out: 0 };
    if (path === '/api/offline/snapshot') return json({ ...whole, products: 2, entries: this.state });
    if (path === '/api/offline/delta') {
      const since = Number(query.get('since'));
      if (since > this.version) return json({ code: 'offline.snapshot_needed' }, 409);
      const gone = Object.fromEntries(Object.keys(this.before).filter((key) => !(key in this.state)).map((key) => [key, null]));
      const changed = Object.fromEntries(Object.entries(this.state).filter(([key, text]) => this.before[key] !== text));
      const entries = since === this.version ? {} : this.spoil ? {} : { ...changed, ...gone };
      return json({ ...whole, read_at: this.now, now: this.now, honour_hours: 24, quote: `q${this.version}`, entries });
    }
    if (path === '/api/bootstrap') return json({ me: { party_id: this.party, guest: false } });
    if (path === '/api/guest') {
      this.party = 77;
      return json({});
    }
    const [, order_id, verb] = /^\/api\/orders\/([^/]+)(\/cancel)?$/.exec(path) ?? [];
    if (order_id && verb) return json({ state: 'cancelled', cancelled: this.placed.delete(order_id) });
    if (order_id) return this.placed.has(order_id) ? json({ order_id, state: 'placed' }) : json({ code: 'orders.no_such_order' }, 404);
    if (path === '/api/orders') {
      if (this.party === null) return json({ code: 'kernel.sign_in_needed' }, 401);
      const order = JSON.parse(String(init.body)) as OrderPlace;
      const no = this.placed.has(order.order_id) ? null : (this.refuse?.(order) ?? null);
      if (no) return json(no, 409);
      const first = !this.placed.has(order.order_id);
      this.placed.set(order.order_id, order);
      return json({ order_id: order.order_id, number: 'H-1', state: 'placed', total: { minor: 1200, currency: 'EUR' }, placed_at: NOW }, first ? 201 : 200);
    }
    return json({}, 404);
  }
  change(to: Record<string, string>): void {
    this.before = this.state;
    this.state = to;
    this.version += 1;
  }
}

let server: Server;
let number = 0;
function waiting(more: Partial<OrderPlace> = {}, who: Waiting['who'] = { party_id: 5, guest: false }) {
  const order: OrderPlace = { order_id: `order-${(number += 1)}`, seller_id: 2, touchpoint: null, currency: 'EUR', lines: [{ variant_id: 7, quantity: 1, unit_price_minor: 1200, match_id: null }], promise: { lane: 'hub', date: '2026-11-24', latest: null }, ship_to: null, email: null, payment: 'wallet', ...more };
  return { order: { ...order, quote: 'q1' }, lines: [{ product_id: 'one', variant_id: 7, title: 'Trench', options: '', image: null, quantity: 1 }], made_at: number, shown_at: NOW, who, sent: false };
}

/** `navigator.locks`, which jsdom lacks: one at a time by name. */
const turns = new Map<string, Promise<unknown>>();
const request = (name: string, work: () => Promise<unknown>) => {
  const next = (turns.get(name) ?? Promise.resolve()).then(work, work);
  turns.set(name, next.catch(() => undefined));
  return next;
};

beforeEach(async () => {
  await closeStorage();
  vi.stubGlobal('indexedDB', new IDBFactory());
  server = new Server();
  vi.stubGlobal('fetch', (url: string, init?: RequestInit) => server.answer(url, init));
  Object.defineProperty(navigator, 'locks', { value: { request }, configurable: true });
});

describe('the shop on the phone', () => {
  it('is taken whole, then by what changed, and names what is gone', async () => {
    expect((await syncShop(QUERY)).kind).toBe('taken');
    expect((await syncShop(QUERY)).kind).toBe('current');
    const { 'p:two': _, 'v:8': __, ...rest } = FIRST;
    server.change({ ...rest, 'v:7': offer(1500) });
    expect(await syncShop(QUERY)).toMatchObject({ kind: 'changed', asked: 3 });
    expect(await part('p:two')).toBeNull();
    expect(await part('v:7')).toMatchObject({ price: { minor: 1500 } });
    expect(await keptShop()).toMatchObject({ version: 2, products: 1, quote: 'q2' });
  });
  it('stays what it was when the network goes in the middle', async () => {
    await syncShop(QUERY);
    server.line = 'away';
    expect((await syncShop(QUERY)).kind).toBe('away');
    expect(await part('v:7')).toMatchObject({ price: { minor: 1200 } });
  });
  it('is taken afresh when what changed does not fit what is here', async () => {
    await syncShop(QUERY);
    server.change({ ...FIRST, 'v:7': offer(1300) });
    server.spoil = true;
    await syncShop(QUERY);
    expect(await part('v:7')).toMatchObject({ price: { minor: 1300 } });
    server.version = 1; // a restored server knows less than the phone
    expect((await syncShop(QUERY)).kind).toBe('taken');
  });
  it('keeps the version before when the phone is full', async () => {
    await syncShop(QUERY);
    server.change({ ...FIRST, 'v:7': offer(1300) });
    const full = vi.spyOn(IDBObjectStore.prototype, 'put').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError');
    });
    expect((await syncShop(QUERY)).kind).toBe('full');
    full.mockRestore();
    expect(await part('v:7')).toMatchObject({ price: { minor: 1200 } });
    expect((await keptShop())?.version).toBe(1);
  });
  it('goes by the clock of the server, however wrong the phone is', async () => {
    const year = 365 * 86_400_000;
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse(NOW) - year });
    await syncShop(QUERY);
    expect(Math.abs(serverNow() - Date.parse(NOW))).toBeLessThan(5_000);
    expect([clockIsOff(), clockWentBack()]).toEqual([true, false]);
    vi.setSystemTime(Date.parse(NOW) - 2 * year);
    expect(clockWentBack()).toBe(true);
    vi.useRealTimers();
  });
  it('is searched, scanned and shown; a price announced to be over is not shown', async () => {
    server.state = { ...FIRST, 'v:8': offer(900, { until: '2020-01-01T00:00:00Z' }) };
    await syncShop(QUERY);
    expect((await search({ q: 'ecru tren', limit: 5 })).items.map((one) => one.product_id)).toEqual(['one']);
    expect((await search({ limit: 1 })).next).toBe('device.1');
    expect(await scan('https://shop.example/s/ab12')).toMatchObject({ product_id: 'two', variant_id: 8 });
    expect(await scan('3012345678900')).toMatchObject({ product_id: 'one', variant_id: 7 });
    expect(await scan('00000000')).toBeNull();
    expect((await product('two'))?.variants[0]).toMatchObject({ price: null, available: 'no' });
    expect((await product('one'))?.variants[0]).toMatchObject({ price: { minor: 1200 }, promise: { from: 'Roissy' } });
  });
});

describe('an order that waits', () => {
  it('is placed once, though two tabs send it and an answer is lost', async () => {
    await queue(waiting());
    server.line = 'deaf';
    expect((await flush()).away).toBe(true);
    expect([server.placed.size, (await outbox())[0]!.state]).toEqual([1, 'waiting']);
    server.line = 'up';
    await Promise.all([flush(), flush()]);
    await flush();
    expect(server.placed.size).toBe(1);
    expect(await outbox()).toMatchObject([{ state: 'placed', placed: { number: 'H-1' } }]);
  });
  it('asks when the price rose, keeps the basket, and goes at the price agreed to', async () => {
    await syncShop(QUERY);
    await setOffline(7, { quantity: 1, match_id: null, seller_id: 2 });
    await queue(waiting());
    expect((await basket('EUR')).lines).toEqual([]); // it lies in the outbox
    server.refuse = (order) => (order.lines[0]!.unit_price_minor === 1500 ? null : { code: 'pricing.price_changed', variant_id: 7, unit_price_minor: 1500, currency: 'EUR', unkept: 'too_old' });
    await flush();
    const [asks] = await outbox();
    expect(asks).toMatchObject({ state: 'asks', asks: { code: 'pricing.price_changed', fields: { unkept: 'too_old' } } });
    expect((await basket('EUR')).lines).toMatchObject([{ variant_id: 7, quantity: 1 }]);
    await agree(asks!.order.order_id, (await keptShop()) ?? null);
    await flush();
    expect([...server.placed.values()]).toMatchObject([{ lines: [{ unit_price_minor: 1500 }] }]);
    expect(await changes()).toEqual({});
  });
  it('takes a lower price without asking', async () => {
    await queue(waiting());
    server.refuse = (order) => (order.lines[0]!.unit_price_minor === 800 ? null : { code: 'pricing.price_changed', variant_id: 7, unit_price_minor: 800 });
    await flush();
    expect(await outbox()).toMatchObject([{ state: 'placed', cheaper: true }]);
    expect([...server.placed.values()][0]!.lines[0]!.unit_price_minor).toBe(800);
  });
  it('is not sent by somebody else, nor lost when the session ended', async () => {
    await queue(waiting());
    server.party = 6;
    await flush();
    server.party = null;
    await flush();
    expect([server.placed.size, (await outbox())[0]!.state]).toEqual([0, 'sign_in']);
    server.party = 5;
    await flush();
    expect(server.placed.size).toBe(1);
  });
  it('makes a guest in earnest of somebody whom the server never met', async () => {
    await queue(waiting({}, { party_id: null, guest: true }));
    server.party = null;
    await flush();
    expect(server.asked).toContain('POST /api/guest');
    expect(server.placed.size).toBe(1);
  });
  it('can be taken back: at once before it left, and at the server when it had', async () => {
    await queue(waiting());
    const [one] = await outbox();
    expect(await cancelWaiting(one!.order.order_id)).toBe('gone');
    await queue(waiting());
    server.line = 'deaf'; // it was placed, and nobody heard
    await flush();
    const [two] = await outbox();
    expect(server.placed.size).toBe(1);
    expect(await cancelWaiting(two!.order.order_id)).toBe('asked');
    server.line = 'up';
    await flush();
    expect([server.placed.size, await outbox()]).toEqual([0, []]);
  });
  it('takes what is left, drops what is withdrawn, and follows a new date', async () => {
    const lines = [7, 8].map((variant_id) => ({ variant_id, quantity: 3, unit_price_minor: 1200, match_id: null }));
    await queue(waiting({ lines }));
    const [{ order }] = (await outbox()) as [Waiting];
    const promise = { lane: 'hub', date: '2026-12-01', latest: '2026-12-02' };
    const no = [{ code: 'inventory.insufficient_stock', variant_id: 7, sellable: 2 }, { code: 'pricing.no_price', variant_id: 8 }, { code: 'promises.changed', promise }];
    server.refuse = () => no.shift() ?? null;
    for (let turn = 0; turn < 4; turn += 1) {
      await flush();
      await agree(order.order_id, null);
    }
    expect(server.placed.get(order.order_id)).toMatchObject({ lines: [{ variant_id: 7, quantity: 2 }], promise });
  });
  it('waits for money that is missing, and goes when it is there', async () => {
    await queue(waiting());
    server.refuse = () => ({ code: 'wallet.insufficient_funds', missing_minor: 200 });
    await flush();
    const [one] = await outbox();
    expect(one).toMatchObject({ state: 'asks', asks: { code: 'wallet.insufficient_funds' } });
    server.refuse = null;
    await again(one!.order.order_id);
    await flush();
    expect(server.placed.size).toBe(1);
  });
});

describe('the basket without a network', () => {
  it('is what the server told, with what was changed since', async () => {
    await syncShop(QUERY);
    const line = { seller_id: 2, variant_id: 8, product_id: 'two', title: 'Linen shirt', options: [], image: null, quantity: 2, unit_price: { minor: 900, currency: 'EUR' }, match_id: null };
    await keepAnswer('/api/basket', { seller_id: 2, currency: 'EUR', lines: [line], parts: [], wallet: { available: { minor: 5000, currency: 'EUR' } } }, 1);
    await setOffline(7, { quantity: 1, match_id: null, seller_id: 2 });
    expect(await basket('EUR')).toMatchObject({ total: { minor: 3000 }, enough: true, promise: { latest: '2099-01-04' } });
    await setOffline(8, { quantity: 0, match_id: null, seller_id: 2 });
    expect((await basket('EUR')).lines.map((one) => one.variant_id)).toEqual([7]);
  });
});

it('finds the tax that is in a price as the server does', () => {
  expect([[1200, 2000], [310, 550], [105, 10_000], [315, 10_000], [0, 2000], [999, 0]].map(([gross, rate]) => includedTax(gross!, rate!))).toEqual([200, 16, 52, 158, 0, 0]);
});

it('says the same in both languages', () => {
  const read = (name: string) => JSON.parse(readFileSync(join(process.cwd(), `src/lib/offline/i18n/${name}.json`), 'utf8')) as Record<string, unknown>;
  const holes = (message: unknown) => [...new Set([...JSON.stringify(message).matchAll(/\{(\w+)\}/g)].map((hole) => hole[1]))].sort();
  const [en, fr] = [read('en'), read('fr')];
  expect(Object.keys(fr)).toEqual(Object.keys(en));
  for (const key of Object.keys(en)) expect([key, holes(fr[key])]).toEqual([key, holes(en[key])]);
});
