import { describe, expect, it } from 'vitest';
import { acts, sections } from '../access';
import { decimal, parseMinor, typed } from '../amount';
import { CommandId } from '../command';
import { merge } from '../conflict';
import { begin, hourly, recognised } from '../live';
import { cancellable, detailText, finished, irreversible, next } from '../orders';
import { whole } from '../paging';

describe('CommandId', () => {
  it('keeps its id for the same body until the command is answered', () => {
    const command = new CommandId();
    const first = command.of({ quantity: 2 });
    expect(command.of({ quantity: 2 })).toBe(first);
    const other = command.of({ quantity: 3 });
    expect(other).not.toBe(first);
    command.done();
    expect(command.of({ quantity: 3 })).not.toBe(other);
  });
});

describe('amounts', () => {
  it('reads what a person types in either language', () => {
    expect(parseMinor('12,40', 'EUR')).toBe(1240);
    expect(parseMinor('12.4', 'EUR')).toBe(1240);
    expect(parseMinor('1 299', 'EUR')).toBe(129900);
    expect(parseMinor('1\u202f299,00', 'EUR')).toBe(129900);
    expect(parseMinor('500', 'JPY')).toBe(500);
    expect(parseMinor('0', 'EUR')).toBe(0);
  });
  it('refuses what is not surely an amount', () => {
    for (const text of ['', 'abc', '-1', '1.234', '1,2,3', '12€', '5.5.5', ',50', '99999999999999999']) {
      expect(parseMinor(text, 'EUR'), text).toBeNull();
    }
    expect(parseMinor('500,5', 'JPY')).toBeNull();
  });
  it('shows an amount in a form it can read again', () => {
    for (const minor of [0, 5, 1240, 129900]) {
      for (const locale of ['fr', 'en']) expect(parseMinor(typed({ minor, currency: 'EUR' }, locale), 'EUR')).toBe(minor);
    }
    expect(typed({ minor: 1240, currency: 'EUR' }, 'fr')).toBe('12,40');
    expect(decimal({ minor: -5, currency: 'EUR' })).toBe('-0.05');
    expect(decimal({ minor: 500, currency: 'JPY' })).toBe('500');
  });
});

describe('merge', () => {
  const base = { title: 'Dress', brand: 'Rive', state: 'active' };
  it('takes over what only they changed and keeps what only I changed', () => {
    const merged = merge(base, { ...base, title: 'Linen dress' }, { ...base, brand: 'Nord' });
    expect(merged).toEqual({ value: { title: 'Linen dress', brand: 'Nord', state: 'active' }, clashes: [], taken: ['brand'] });
  });
  it('names the fields where we differ, and keeps mine in the value', () => {
    const merged = merge(base, { ...base, title: 'Mine' }, { ...base, title: 'Theirs' });
    expect(merged.clashes).toEqual([{ field: 'title', theirs: 'Theirs', mine: 'Mine' }]);
    expect(merged.value.title).toBe('Mine');
  });
  it('sees no clash where both did the same', () => {
    expect(merge(base, { ...base, title: 'Same' }, { ...base, title: 'Same' }).clashes).toEqual([]);
  });
});

describe('paging', () => {
  it('reads a list to its end, or to the most it may hold', async () => {
    const load = (cursor: string) =>
      Promise.resolve({ items: [Number(cursor || 0)], next: Number(cursor || 0) < 4 ? String(Number(cursor || 0) + 1) : null });
    expect(await whole(load)).toEqual({ rows: [0, 1, 2, 3, 4], cut: false });
    expect(await whole(load, 2)).toEqual({ rows: [0, 1], cut: true });
  });
});

describe('orders', () => {
  it('knows the one step forward', () => {
    expect([next('placed'), next('packed'), next('shipped'), next('delivered'), next('cancelled')]).toEqual([
      'pack', 'ship', 'deliver', null, null,
    ]);
  });
  it('tells what an event carries', () => {
    expect(detailText({ carrier: 'La Poste', tracking_code: 'X1', extra: null })).toBe('carrier: La Poste, tracking code: X1');
    expect([detailText(null), detailText({}), detailText('by hand')]).toEqual([null, null, 'by hand']);
    expect([finished('delivered'), finished('shipped')]).toEqual([true, false]);
  });
  it('asks before what cannot be taken back', () => {
    expect(irreversible('cancel')).toBe(true);
    expect(irreversible('pack')).toBe(false);
    expect(cancellable('shipped')).toBe(false);
  });
});

describe('access', () => {
  it('shows each role its own sections', () => {
    expect(sections(['shopper'])).toEqual([]);
    expect(sections(['staff'])).toEqual(['orders', 'stock', 'products', 'samples', 'flash', 'promises', 'imports', 'assortments', 'door', 'places']);
    expect(sections(['head_office'])).toContain('accounts');
    expect(sections(['operator'])).toEqual(['accounts', 'events']);
    expect(sections(['merchant'])).not.toContain('places');
    expect(acts(['merchant'])).toBe(false);
  });
});

describe('live', () => {
  const hour = (at: string, visits: number) => ({ hour: at, visits, photos: 0, recognised: 0, orders: 1, revenue_minor: 5900 });
  it('makes plot columns in time order', () => {
    const series = hourly([hour('2026-11-21T11:00:00Z', 2), hour('2026-11-21T10:00:00Z', 1)], 100);
    expect(series.visits).toEqual([1, 2]);
    expect(series.revenue).toEqual([59, 59]);
    expect(series.x[1]! - series.x[0]!).toBe(3600);
  });
  it('has no share without photos', () => {
    expect(recognised(0, 0)).toBeNull();
    expect(recognised(4, 3)).toBe(0.75);
  });
  it('begins a week before now, or at midnight', () => {
    const now = new Date('2026-11-21T10:00:00Z');
    expect(begin('week', now)).toBe('2026-11-14T10:00:00.000Z');
    expect(new Date(begin('today', now)).getHours()).toBe(0);
  });
});
