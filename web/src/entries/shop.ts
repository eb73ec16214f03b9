import './shop.css';
import { hydrate, mount } from 'svelte';
import App from '../shop/App.svelte';
import Home from '../shop/pages/Home.svelte';
import { routes } from '../shop/routes';
import { preferredLocale, setLocale } from '$lib/i18n.svelte';
import { rememberTouchpoint, startSession } from '$lib/session.svelte';
import { showTheme } from '$lib/theme';
import { atLeisure } from '$lib/leisure';
import { standIn } from '$lib/api/client';

standIn(() => import('$lib/offline/answers'));
showTheme();
rememberTouchpoint(location.search);
const language = preferredLocale();
await setLocale(language);

// The home page came with the document, in this language: it is brought to life. Any other page takes the place of what stands.
const standing = location.pathname === '/' ? document.querySelector<HTMLElement>(`[data-picture='${language}']`) : null;
const target = standing ?? document.getElementById('app')!;
for (const other of document.querySelectorAll('#app, [data-picture]')) if (other !== target) other.remove();
standing?.removeAttribute('data-picture');
// Who is here is told after the page stands: what was prerendered knows nobody.
const started = Promise.resolve().then(() => startSession(language));
if (standing) hydrate(App, { target, props: { started, first: { route: routes[0]!, page: Home } } });
else {
  target.replaceChildren();
  mount(App, { target, props: { started } });
}

// Keeps the shell for the next time without a network. It fetches every page's code, so it waits until the first screen is done.
if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  atLeisure(() => void navigator.serviceWorker.register('/sw.js').catch(() => undefined), 4_000);
}
