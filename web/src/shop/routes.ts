/** The shop's addresses. The home page comes with the first screen, the others when they are asked for. */
import type { Route } from '$lib/router.svelte';
import Home from './pages/Home.svelte';

export interface ShopRoute extends Route {
  /** The page has its own primary action at the bottom (`foot`), or the whole screen (`all`). */
  bare?: 'foot' | 'all';
}

export const routes: ShopRoute[] = [
  { pattern: '/', load: () => Promise.resolve({ default: Home }) },
  { pattern: '/search', load: () => import('./pages/Search.svelte') },
  { pattern: '/p/:id', load: () => import('./pages/Product.svelte'), bare: 'foot' },
  { pattern: '/flash', load: () => import('./pages/FlashList.svelte') },
  { pattern: '/flash/:id', load: () => import('./pages/Flash.svelte'), bare: 'foot' },
  { pattern: '/flash/:id/screen', load: () => import('./pages/FlashScreen.svelte'), bare: 'all' },
  { pattern: '/place/:code', load: () => import('./pages/Welcome.svelte') },
  { pattern: '/place/:code/wall', load: () => import('./pages/WelcomeWall.svelte'), bare: 'all' },
  { pattern: '/scan', load: () => import('./pages/Scan.svelte'), bare: 'all' },
  { pattern: '/basket', load: () => import('./pages/Basket.svelte'), bare: 'foot' },
  { pattern: '/checkout', load: () => import('./pages/Checkout.svelte'), bare: 'foot' },
  { pattern: '/orders', load: () => import('./pages/Orders.svelte') },
  { pattern: '/orders/:id', load: () => import('./pages/Order.svelte') },
  { pattern: '/wallet', load: () => import('./pages/Wallet.svelte') },
  { pattern: '/sign-in', load: () => import('./pages/SignIn.svelte') },
  { pattern: '/on-this-phone', load: () => import('./pages/OnThisPhone.svelte') },
  { pattern: '/me/data', load: () => import('./pages/MyData.svelte') },
  { pattern: '/me', load: () => import('./pages/Me.svelte') },
  { pattern: '/demo/mailbox', load: () => import('./pages/Mailbox.svelte') },
  { pattern: '*', load: () => import('./pages/Missing.svelte') },
];
