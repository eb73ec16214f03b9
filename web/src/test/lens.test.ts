import { describe, expect, it, vi } from 'vitest';
import { watchCodes } from '$lib/lens.svelte';

vi.mock('$lib/barcode', () => ({ readCode: () => Promise.resolve(null) }));

describe('the reader of codes', () => {
  it('asks nothing of a page that is gone', async () => {
    vi.useFakeTimers();
    vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue({} as never);
    const video = vi.fn(() => null);
    const stop = watchCodes(video, () => undefined);
    await vi.dynamicImportSettled();
    await vi.advanceTimersByTimeAsync(700);
    const asked = video.mock.calls.length;
    expect(asked).toBeGreaterThan(0);
    stop();
    await vi.advanceTimersByTimeAsync(700);
    expect(video.mock.calls.length).toBe(asked);
    vi.useRealTimers();
    vi.restoreAllMocks();
  });
});
