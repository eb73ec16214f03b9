/**
 * The service worker: keeps the pages' shell, shows kept pictures, and sends orders that wait when the network is back, whether a
 * page is open or not. The API is never cached here: what is kept of it lies in IndexedDB, with its age.
 */
/// <reference lib="webworker" />
import { clientsClaim } from 'workbox-core';
import { ExpirationPlugin } from 'workbox-expiration';
import { cleanupOutdatedCaches, createHandlerBoundToURL, precacheAndRoute } from 'workbox-precaching';
import { NavigationRoute, registerRoute } from 'workbox-routing';
import { CacheFirst, NetworkFirst } from 'workbox-strategies';
import { flush, SYNC_TAG } from './lib/offline/outbox';
import { CACHE as PICTURES } from './lib/offline/pictures';

declare const self: ServiceWorkerGlobalScope & { __WB_MANIFEST: { url: string; revision: string | null }[] };
interface SyncEvent extends ExtendableEvent {
  tag: string;
  lastChance: boolean;
}

void self.skipWaiting();
clientsClaim();
precacheAndRoute(self.__WB_MANIFEST);
cleanupOutdatedCaches();

registerRoute(new NavigationRoute(createHandlerBoundToURL('/index.html'), { denylist: [/^\/(api|media|console|kit|01|s|metrics|healthz|readyz)(\/|$|\?|\.)/] }));
// The staff's tablet: its shell as it last was, when the network is away.
registerRoute(({ request, url }) => request.mode === 'navigate' && /^\/console(\/|$)/.test(url.pathname), shellOfConsole());
registerRoute(
  ({ url, sameOrigin }) => sameOrigin && url.pathname.startsWith('/assets/'),
  new CacheFirst({ cacheName: 'halles-assets', plugins: [new ExpirationPlugin({ maxEntries: 120, purgeOnQuotaError: true })] }),
);
const pictures = new CacheFirst({ cacheName: 'halles-media', plugins: [new ExpirationPlugin({ maxEntries: 240, purgeOnQuotaError: true })] });
registerRoute(
  ({ url, sameOrigin }) => sameOrigin && url.pathname.startsWith('/media/'),
  async (asked) => {
    try {
      return await pictures.handle(asked);
    } catch (error) {
      // The small copy of the kept shop stands in for a larger one.
      const small = asked.url.pathname.replace(/(-(320|640))?\.\w+$/, '-320.webp');
      const found = await caches.match(small, { cacheName: PICTURES });
      if (found) return found;
      throw error;
    }
  },
);

/** All of the console's addresses are one page. */
function shellOfConsole(): (asked: { request: Request; event: ExtendableEvent }) => Promise<Response> {
  const strategy = new NetworkFirst({ cacheName: 'halles-console', networkTimeoutSeconds: 5, plugins: [{ cacheKeyWillBeUsed: () => Promise.resolve('/console') }] });
  return (asked) => strategy.handle(asked);
}

self.addEventListener('sync', (event) => {
  const sync = event as SyncEvent;
  if (sync.tag !== SYNC_TAG) return;
  sync.waitUntil(
    flush().then((found) => {
      // Thrown, so that the browser wakes us again.
      if (found.away && !sync.lastChance) throw new Error('no network yet');
    }),
  );
});
