import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Offline, Problem } from '$lib/api';
import type { Crossing } from '../client';
import { Taps } from '../taps.svelte';
import { ranges } from '../words';

beforeEach(() => {
  localStorage.clear();
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

describe('taps at a door', () => {
  it('are sent together, once', async () => {
    const sent: [string, Crossing[]][] = [];
    const taps = new Taps('1', (door, crossings) => Promise.resolve(sent.push([door, crossings])));
    taps.tap('street', 1);
    taps.tap('street', 1);
    taps.tap('back', -1);
    expect(taps.pending('street')).toEqual({ inward: 2, outward: 0 });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent.map(([door, batch]) => [door, batch.length])).toEqual([['street', 2], ['back', 1]]);
    expect(taps.waiting).toEqual([]);
    expect(localStorage.length).toBe(0);
  });

  it('survive a lost network and a closed page with the same ids', async () => {
    let away = true;
    const seen: string[][] = [];
    const send = (_: string, crossings: Crossing[]) => {
      seen.push(crossings.map((one) => one.event_id));
      return away ? Promise.reject(new Offline()) : Promise.resolve();
    };
    const taps = new Taps('1', send);
    taps.tap('street', 1);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(taps.stuck).toBe(true);
    taps.stop();
    const later = new Taps('1', send);
    expect(later.pending('street').inward).toBe(1);
    away = false;
    await later.flush();
    expect(later.waiting).toEqual([]);
    expect(seen[0]).toEqual(seen.at(-1));
  });

  it('are let go, and said, when they can never be accepted', async () => {
    const taps = new Taps('1', () => Promise.reject(new Problem(422, { code: 'welcome.bad_count' })));
    taps.tap('street', 1);
    await taps.flush();
    expect(taps.waiting).toEqual([]);
    expect(taps.refused).toBeInstanceOf(Problem);
  });
});

describe('numbers', () => {
  it('are told as ranges', () => {
    expect(ranges([43, 41, 42, 45])).toBe('41–43, 45');
    expect(ranges([7])).toBe('7');
    expect(ranges([])).toBe('');
  });
});
