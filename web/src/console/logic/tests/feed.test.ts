import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Feed } from '../feed.svelte';

class FakeSource extends EventTarget {
  static CLOSED = 2;
  static made: FakeSource[] = [];
  readyState = 0;
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  onmessage: (() => void) | null = null;
  closed = false;
  constructor(readonly url: string) {
    super();
    FakeSource.made.push(this);
  }
  close() {
    this.closed = true;
  }
}

const latest = () => FakeSource.made.at(-1)!;

beforeEach(() => {
  vi.useFakeTimers();
  FakeSource.made = [];
  vi.stubGlobal('EventSource', FakeSource);
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('Feed', () => {
  it('gathers a burst of changes into one reading', () => {
    const changed = vi.fn();
    const feed = new Feed('/events', changed);
    const stop = feed.start();
    latest().onopen?.();
    expect(feed.state).toBe('live');
    for (let i = 0; i < 5; i += 1) latest().dispatchEvent(new Event('changed'));
    vi.advanceTimersByTime(1_000);
    expect(changed).toHaveBeenCalledTimes(1);
    stop();
    expect(latest().closed).toBe(true);
    expect(feed.state).toBe('off');
  });

  it('asks again after a refusal, and reads what it missed', () => {
    const changed = vi.fn();
    const feed = new Feed('/events', changed);
    const stop = feed.start();
    latest().onopen?.();
    latest().readyState = FakeSource.CLOSED;
    latest().onerror?.();
    expect(feed.state).toBe('reconnecting');
    vi.advanceTimersByTime(1_000);
    expect(FakeSource.made).toHaveLength(2);
    latest().onopen?.();
    vi.advanceTimersByTime(1_000);
    expect(changed).toHaveBeenCalledTimes(1);
    stop();
  });

  it('leaves a broken line to the browser', () => {
    const feed = new Feed('/events', () => {});
    const stop = feed.start();
    latest().onerror?.();
    vi.advanceTimersByTime(60_000);
    expect(FakeSource.made).toHaveLength(1);
    expect(feed.state).toBe('reconnecting');
    stop();
  });
});
