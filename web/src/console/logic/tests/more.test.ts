import { describe, expect, it } from 'vitest';
import { changes, clean } from '../draft';
import { progress, readable } from '../files';
import { dayText, parseDay, parseWeek, week } from '../hours';
import { List } from '../list.svelte';
import { after, locationsOf, parseCount } from '../stock';
import type { ProductEdit, StockRow } from '../../api';

describe('opening hours', () => {
  it('are read as people write them', () => {
    expect(parseDay('11:00–13:00, 14–19:30')).toEqual([['11:00', '13:00'], ['14:00', '19:30']]);
    expect(parseDay('11h-19h30')).toEqual([['11:00', '19:30']]);
    expect(parseDay('9h à 24h')).toEqual([['09:00', '24:00']]);
    expect(parseDay('')).toEqual([]);
  });
  it('are refused when unclear', () => {
    for (const text of ['all day', '19:00–11:00', '25:00–26:00', '10:00-12:00, 11:00-13:00', '10:61–11:00']) expect(parseDay(text), text).toBeNull();
  });
  it('stand together where days agree', () => {
    const open: [string, string][] = [['11:00', '19:00']];
    expect(week({ mon: open, tue: open, thu: open }).map((one) => [one.first, one.last, one.text])).toEqual([[0, 1, '11:00–19:00'], [2, 2, ''], [3, 3, '11:00–19:00'], [4, 6, '']]);
  });
  it('make a week and name the days that are wrong', () => {
    expect(parseWeek({ mon: '10-12', tue: 'x', sun: '' })).toEqual({ hours: { mon: [['10:00', '12:00']] }, wrong: ['tue'] });
    expect(dayText([['10:00', '12:00'], ['14:00', '18:00']])).toBe('10:00–12:00, 14:00–18:00');
  });
});

describe('stock', () => {
  it('reads whole numbers, with a sign where one is asked for', () => {
    expect(parseCount('12', false)).toBe(12);
    expect(parseCount('1 200', false)).toBe(1200);
    expect(parseCount('−3', true)).toBe(-3);
    for (const text of ['', '1.5', '-3', 'two']) expect(parseCount(text, false), text).toBeNull();
  });
  it('says what would be on hand', () => {
    expect([after('receive', 5, 3), after('adjust', 5, -2), after('count', 5, 9)]).toEqual([8, 3, 9]);
  });
  it('gathers locations without repeating them', () => {
    const row = (location_id: number, name: string) => ({ location: { location_id, name, kind: 'hub' } }) as StockRow;
    const first = locationsOf([], [row(2, 'B'), row(1, 'A'), row(2, 'B')]);
    expect(first.map((one) => one.name)).toEqual(['A', 'B']);
    expect(locationsOf(first, [row(1, 'A')])).toBe(first);
  });
});

describe('a product draft', () => {
  const base: ProductEdit = { title: { fr: 'Robe', en: 'Dress' }, description: { fr: '', en: '' }, brand: 'Rive', category: 'dress', attributes: [], state: 'active' };
  it('counts what changed', () => {
    expect(changes(base, structuredClone(base))).toBe(0);
    expect(changes(base, { ...base, title: { fr: 'Robe d’été', en: 'Summer dress' }, state: 'hidden' })).toBe(3);
  });
  it('drops attribute lines left empty', () => {
    const mine = { ...base, attributes: [{ name: '', value: ' ' }, { name: 'care', value: '30 °C' }] };
    expect(clean(mine).attributes).toEqual([{ name: 'care', value: '30 °C' }]);
    expect(changes(base, { ...base, attributes: [{ name: '', value: '' }] })).toBe(0);
  });
});

describe('imports', () => {
  it('knows the files it can read', () => {
    expect([readable('a.CSV'), readable('b.jsonl'), readable('c.xlsx'), readable('csv')]).toEqual([true, true, false, false]);
  });
  it('says how far one is', () => {
    const report = { state: 'running', total: 10, created: 3, changed: 1, unchanged: 0, rejected: 1 };
    expect(progress(report)).toBe(0.5);
    expect(progress({ ...report, total: null })).toBeNull();
    expect(progress({ ...report, state: 'done' })).toBe(1);
  });
});

describe('List', () => {
  it('drops an answer that comes after a newer question', async () => {
    const waiting: ((items: number[]) => void)[] = [];
    const list = new List<number>(() => new Promise((resolve) => waiting.push((items) => resolve({ items, next: null }))));
    const first = list.restart();
    const second = list.restart();
    waiting[1]!([2]);
    await second;
    waiting[0]!([1]);
    await first;
    expect(list.rows).toEqual([2]);
    expect(list.busy).toBe(false);
  });
  it('keeps its rows when an answer fails', async () => {
    let fail = false;
    const list = new List<number>(() => (fail ? Promise.reject(new Error('no')) : Promise.resolve({ items: [1], next: 'more' })));
    await list.restart();
    fail = true;
    await list.more();
    expect(list.rows).toEqual([1]);
    expect(list.error).toBeInstanceOf(Error);
    expect(await list.all()).toBe(false);
  });
});
