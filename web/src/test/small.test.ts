import { describe, expect, it } from 'vitest';
import { address, Offline, Problem, ask, picture } from '$lib/api';
import { understand } from '$lib/codes';
import { uuid7 } from '$lib/ids';
import { toBytes, toText } from '$lib/passkey';
import { fit } from '$lib/photo';
import { keep, recall } from '$lib/storage';
import { filtered, sorted, toCsv, type Column } from '$lib/components/table';
import { looksLikeEmail, missing } from '../shop/lib/address';
import { grouped, looksLikeCard } from '../shop/lib/card';
import { familyCounts, inTurn } from '../shop/lib/families';

describe('ids', () => {
  it('sort by the time they were made', () => {
    const ids = [1, 2, 1_763_719_200_000, 1_763_719_200_001, 281_474_976_710_655].map(uuid7);
    expect([...ids].sort()).toEqual(ids);
    expect(parseInt(uuid7(1_763_719_200_123).replaceAll('-', '').slice(0, 12), 16)).toBe(1_763_719_200_123);
  });
});

describe('codes', () => {
  const here = 'https://shop.example';
  const cases: [string, unknown][] = [
    ['3017620422003', { kind: 'product', code: '3017620422003', touchpoint: null }],
    ['https://id.example.org/01/03017620422003/10/ABC?t=marais-qr', { kind: 'product', code: '03017620422003', touchpoint: 'marais-qr' }],
    ['https://shop.example/s/K7Q2', { kind: 'product', code: 'K7Q2', touchpoint: null }],
    ['https://shop.example/?t=marais-qr', { kind: 'page', path: '/?t=marais-qr' }],
    ['https://elsewhere.example/p/1', { kind: 'foreign' }],
    ['javascript:alert(1)', { kind: 'foreign' }],
    ['', { kind: 'foreign' }],
    ['K7Q2', { kind: 'product', code: 'K7Q2', touchpoint: null }],
  ];
  it.each(cases)('%s', (text, meaning) => expect(understand(text, here)).toEqual(meaning));
});

describe('the door to the API', () => {
  it('writes addresses without empty words', () => {
    expect(address('/api/products', { q: 'café crème', family: '', cursor: null, limit: 24 })).toBe('/api/products?q=caf%C3%A9+cr%C3%A8me&limit=24');
    expect(picture('ab12.webp', 320)).toBe('/media/ab12-320.webp');
    expect(picture('ab12.webp')).toBe('/media/ab12.webp');
  });
  const said = (status: number, body: string) => {
    globalThis.fetch = () => Promise.resolve(new Response(body, { status, headers: { 'retry-after': '3' } }));
  };
  it('tells refusals from silence', async () => {
    said(409, JSON.stringify({ code: 'pricing.price_changed', detail: 'now 13', variant_id: 7 }));
    await expect(ask('GET', '/x')).rejects.toMatchObject({ name: 'Problem', code: 'pricing.price_changed', status: 409, fields: { variant_id: 7 }, retryAfter: 3 });
    said(502, '<html>');
    await expect(ask('GET', '/x')).rejects.toBeInstanceOf(Offline);
    said(500, '<html>');
    await expect(ask('GET', '/x')).rejects.toBeInstanceOf(Problem);
    globalThis.fetch = () => Promise.reject(new TypeError('network'));
    await expect(ask('GET', '/x')).rejects.toBeInstanceOf(Offline);
  });
});

describe('what is kept', () => {
  it('comes back, and goes when it is forgotten', () => {
    keep('halles.test', { a: 1 });
    expect(recall('halles.test')).toEqual({ a: 1 });
    keep('halles.test', null);
    expect(recall('halles.test')).toBeNull();
  });
  it('survives nonsense in storage', () => {
    localStorage.setItem('halles.test', '{');
    expect(recall('halles.test')).toBeNull();
  });
});

describe('bytes', () => {
  it('travel as base64url and come back', () => {
    const text = '-_8AAQ';
    expect(toText(toBytes(text))).toBe(text);
  });
});

describe('pictures', () => {
  it('fit into 1280 and never grow', () => {
    expect(fit(4032, 3024)).toEqual({ width: 1280, height: 960 });
    expect(fit(800, 1000)).toEqual({ width: 800, height: 1000 });
    expect(fit(1, 9999)).toEqual({ width: 1, height: 1280 });
  });
});

describe('addresses', () => {
  const whole = { name: 'Camille', line1: '3 rue des Halles', postcode: '75001', city: 'Paris', country: 'FR' };
  it('name what is missing', () => {
    expect(missing(whole)).toEqual([]);
    expect(missing({ ...whole, postcode: 'SW1A 1AA' })).toEqual([]);
    expect(missing({ ...whole, name: ' ', postcode: '!' })).toEqual(['name', 'postcode']);
  });
  it('know an e-mail', () => {
    expect(['a@b.fr', 'a@b', 'a b@c.fr'].map(looksLikeEmail)).toEqual([true, false, false]);
  });
});

describe('cards', () => {
  it('pass or fail by their own check digit', () => {
    expect(['4242 4242 4242 4242', '4000 0000 0000 0002', '4242 4242 4242 4243', '42'].map(looksLikeCard)).toEqual([true, true, false, false]);
    expect(grouped('42424242424242424')).toBe('4242 4242 4242 4242 4');
  });
});

describe('families', () => {
  it('sum up their categories', () => {
    const one = (category: string, family: string, count: number) => ({ category, family, title: category, count });
    expect(familyCounts([one('a', 'home', 2), one('b', 'fashion', 3), one('c', 'home', 1)])).toEqual([
      { family: 'home', title: 'Home', count: 3 },
      { family: 'fashion', title: 'Fashion', count: 3 },
    ]);
  });
});

describe('dealing', () => {
  it('takes one of each in turn', () => {
    expect(inTurn([[1, 2, 3], [], [4]])).toEqual([1, 4, 2, 3]);
    expect(inTurn([])).toEqual([]);
  });
});

describe('tables', () => {
  interface Row {
    name: string;
    stock: number | null;
  }
  const rows: Row[] = [
    { name: 'Étagère', stock: 10 },
    { name: 'bol', stock: 9 },
    { name: '=cmd', stock: null },
  ];
  const columns: Column<Row>[] = [
    { key: 'name', title: 'Name', value: (row) => row.name },
    { key: 'stock', title: 'In "stock"', value: (row) => row.stock },
  ];
  it('sort numbers as numbers, words as readers do, and the unknown last', () => {
    expect(sorted(rows, columns, { key: 'stock', down: false }, 'fr').map((row) => row.stock)).toEqual([9, 10, null]);
    expect(sorted(rows, columns, { key: 'stock', down: true }, 'fr').map((row) => row.stock)).toEqual([10, 9, null]);
    expect(sorted(rows, columns, { key: 'name', down: false }, 'fr').map((row) => row.name)).toEqual(['=cmd', 'bol', 'Étagère']);
    expect(sorted(rows, columns, null, 'fr')).toEqual(rows);
  });
  it('find without accents, every word', () => {
    expect(filtered(rows, columns, 'etag 10')).toEqual([rows[0]]);
    expect(filtered(rows, columns, 'etag 9')).toEqual([]);
  });
  it('leave as a file that no spreadsheet runs', () => {
    expect(toCsv(rows, columns)).toBe('\uFEFFName,"In ""stock"""\r\nÉtagère,10\r\nbol,9\r\n\'=cmd,\r\n');
  });
});
