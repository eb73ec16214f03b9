/** A small router: one table of patterns, links taken over from the document, focus and scroll as a page load would leave them. */

export type Loader = () => Promise<{ default: unknown }>;
export interface Route {
  pattern: string;
  load: Loader;
}
export interface Match {
  route: Route;
  params: Record<string, string>;
}

/** `/p/:id` against `/p/42`: the first route that fits, with its parameters decoded. `*` takes the rest. */
export function match(routes: readonly Route[], path: string): Match | null {
  const parts = path.split('/').filter(Boolean);
  for (const route of routes) {
    const wanted = route.pattern.split('/').filter(Boolean);
    const open = wanted.at(-1) === '*';
    if (open ? parts.length < wanted.length - 1 : parts.length !== wanted.length) continue;
    const params: Record<string, string> = {};
    const fits = wanted.every((want, at) => {
      if (want === '*') return true;
      const part = parts[at] ?? '';
      if (!want.startsWith(':')) return want === part;
      params[want.slice(1)] = decode(part);
      return true;
    });
    if (fits) return { route, params };
  }
  return null;
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

const here = $state({ path: '/', query: new URLSearchParams(), turn: 0, back: false });

/** Where the reader is. Reactive. */
export const place = here;

function read(back: boolean): void {
  here.path = location.pathname;
  here.query = new URLSearchParams(location.search);
  here.back = back;
  here.turn += 1;
}

const tops = new Map<string, number>();
const stop = () => (history.state as { stop?: string } | null)?.stop ?? 'first';

/** Go to an address of this entry. `replace`: the back button will not return to where we are now. */
export function go(to: string, { replace = false } = {}): void {
  tops.set(stop(), window.scrollY);
  history[replace ? 'replaceState' : 'pushState']({ stop: replace ? stop() : `${Date.now()}${Math.random()}` }, '', to);
  read(false);
}

/** Change the query of this page, without a new page: filters, a chosen option. */
export function setQuery(changes: Record<string, string | null>): void {
  const query = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  history.replaceState(history.state, '', location.pathname + (text ? `?${text}` : ''));
  here.query = query;
}

/** Where the page stood when the reader left this stop of the history; 0 for a page not seen yet. */
export const scrollTop = (): number => (here.back ? (tops.get(stop()) ?? 0) : 0);

/** Take over links below `base` of this entry. Other entries, files, downloads and new tabs stay the browser's. */
export function startRouter(mine: (path: string) => boolean): () => void {
  history.scrollRestoration = 'manual';
  const click = (event: MouseEvent) => {
    const link = (event.target as Element | null)?.closest?.('a');
    if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.target || link.hasAttribute('download') || link.origin !== location.origin || !mine(link.pathname)) return;
    if (link.hash && link.pathname === location.pathname) return;
    event.preventDefault();
    go(link.pathname + link.search + link.hash);
  };
  const pop = () => read(true);
  document.addEventListener('click', click);
  window.addEventListener('popstate', pop);
  read(false);
  return () => {
    document.removeEventListener('click', click);
    window.removeEventListener('popstate', pop);
  };
}
