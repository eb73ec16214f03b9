import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { admissionFor, keepAdmission } from '../admission';
import { fromLocal, later, toLocal } from '../moments';
import { sha256, solve, zeroBits } from '../sha256';
import { clock } from '../words';

const hex = (words: Uint32Array) => [...words].map((word) => word.toString(16).padStart(8, '0')).join('');
const node = (text: string) => createHash('sha256').update(text).digest('hex');

describe('the work that a ticket asks for', () => {
  it('hashes as everybody does', () => {
    for (const length of [0, 1, 3, 55, 56, 63, 64, 65, 119, 120, 200]) {
      const text = 'a'.repeat(length);
      const words = new Uint32Array(8);
      sha256(new TextEncoder().encode(text), words);
      expect(hex(words)).toBe(node(text));
    }
  });
  it('counts leading zero bits over words', () => {
    expect(zeroBits(new Uint32Array([0, 0x00800000, 5]))).toBe(40);
    expect(zeroBits(new Uint32Array([0x80000000]))).toBe(0);
  });
  it('finds a nonce that the server accepts', () => {
    const nonce = solve('challenge', 10);
    expect(parseInt(node(`challenge:${nonce}`).slice(0, 3), 16) >> 2).toBe(0);
  });
});

describe('the admission', () => {
  beforeEach(() => sessionStorage.clear());
  it('goes with an order of its articles, in time', () => {
    keepAdmission([4, 5], 'token', 1000);
    expect(admissionFor([9, 5], 999)).toEqual({ admission: 'token' });
    expect(admissionFor([9], 999)).toEqual({});
    expect(admissionFor([5], 1000)).toEqual({});
  });
});

it('counts down in hours, minutes and seconds', () => {
  expect([clock(3849), clock(725), clock(6.2), clock(-1)]).toEqual(['1:04:09', '12:05', '0:07', '0:00']);
});

it('reads back the moment that it wrote', () => {
  const moment = later(15, Date.UTC(2026, 10, 11, 9, 58));
  expect(moment.getTime() % 300_000).toBe(0);
  expect(fromLocal(toLocal(moment))).toBe(moment.toISOString());
  expect(fromLocal('')).toBe('');
});

it('says the same in French and in English', () => {
  const read = (name: string) => JSON.parse(readFileSync(join(process.cwd(), `src/flash/i18n/${name}.json`), 'utf8')) as Record<string, unknown>;
  const holes = (message: unknown) => [...new Set(JSON.stringify(message).match(/\{\w+\}/g) ?? [])].sort();
  const [fr, en] = [read('fr'), read('en')];
  expect(Object.keys(fr).sort()).toEqual(Object.keys(en).sort());
  for (const key of Object.keys(en)) expect([key, holes(fr[key])]).toEqual([key, holes(en[key])]);
});
