import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { go, match, place, setQuery, startRouter, type Route } from '$lib/router.svelte';

const load = () => Promise.resolve({ default: null });
const routes: Route[] = ['/', '/p/:id', '/orders', '/orders/:id', '/demo/mailbox', '*'].map((pattern) => ({ pattern, load }));
const found = (path: string) => {
  const hit = match(routes, path);
  return [hit?.route.pattern, hit?.params];
};

describe('match', () => {
  it('finds pages and their parameters', () => {
    expect(found('/')).toEqual(['/', {}]);
    expect(found('/orders/')).toEqual(['/orders', {}]);
    expect(found('/orders/42')).toEqual(['/orders/:id', { id: '42' }]);
    expect(found('/p/caf%C3%A9')).toEqual(['/p/:id', { id: 'café' }]);
    expect(found('/p/%')).toEqual(['/p/:id', { id: '%' }]);
  });
  it('gives what is left to the last page', () => {
    expect(found('/nowhere/at/all')).toEqual(['*', {}]);
  });
});

describe('links', () => {
  let stop: () => void;
  beforeEach(() => {
    history.replaceState(null, '', '/');
    stop = startRouter((path) => !path.startsWith('/console'));
  });
  afterEach(() => stop());

  function press(html: string, event: MouseEventInit = {}): boolean {
    document.body.innerHTML = html;
    const click = new MouseEvent('click', { bubbles: true, cancelable: true, ...event });
    // jsdom would try to leave the page: what we did not take is stopped after we looked.
    document.addEventListener('click', (late) => late.preventDefault(), { once: true });
    const taken = place.turn;
    document.querySelector('a')!.dispatchEvent(click);
    return place.turn !== taken;
  }
  it('of the shop stay in the page', () => {
    expect(press('<a href="/orders?x=1"><b>orders</b></a>')).toBe(true);
    expect([place.path, place.query.get('x')]).toEqual(['/orders', '1']);
  });
  it('keep what stands behind the #: the link of a mail is nothing without it', () => {
    expect(press('<a href="/orders/42#a.key">order</a>')).toBe(true);
    expect([place.path, location.hash]).toEqual(['/orders/42', '#a.key']);
  });
  it('of others are the browser’s', () => {
    expect(press('<a href="/console">console</a>')).toBe(false);
    expect(press('<a href="https://example.org/">away</a>')).toBe(false);
    expect(press('<a href="/orders" target="_blank">new tab</a>')).toBe(false);
    expect(press('<a href="/orders">new tab</a>', { ctrlKey: true })).toBe(false);
    expect(press('<a href="#main">below</a>')).toBe(false);
  });
  it('can be followed by the program, and the query changed in place', () => {
    go('/search?q=coat');
    const turn = place.turn;
    setQuery({ q: '', family: 'fashion' });
    expect(location.search).toBe('?family=fashion');
    expect(place.query.get('family')).toBe('fashion');
    expect(place.turn).toBe(turn);
  });
});
