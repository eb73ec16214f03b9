/** What happened at which touchpoint, told without names, so that a sample's worth can be seen days later. Never in the shopper's way. */
import { touchpoint } from '$lib/session.svelte';
import { uuid7 } from '$lib/ids';
import type { VisitEvent } from '$lib/api';

let waiting: VisitEvent[] = [];
let timer: ReturnType<typeof setTimeout> | undefined;

export function saw(kind: VisitEvent['kind'], product_id?: string): void {
  waiting.push({ event_id: uuid7(), kind, touchpoint: touchpoint(), ...(product_id ? { product_id } : {}), at: new Date().toISOString() });
  waiting = waiting.slice(-50);
  timer ??= setTimeout(() => void tell(), 1_500);
}

/** Send what waits. An event has an id, so telling it twice counts once. */
async function tell(): Promise<void> {
  timer = undefined;
  const now = waiting;
  if (!now.length) return;
  waiting = [];
  try {
    const answer = await fetch('/api/visits/events', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ events: now }),
      keepalive: true,
    });
    if (answer.status >= 500) waiting = [...now, ...waiting];
  } catch {
    waiting = [...now, ...waiting].slice(-50);
    timer ??= setTimeout(() => void tell(), 30_000);
  }
}

export function watchLeaving(): void {
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') void tell();
  });
}
