/** The home page as it stands before anybody is known, written into index.html when the pages are built: see scripts/home.ts. */
import { render } from 'svelte/server';
import App from '../shop/App.svelte';
import { routes } from '../shop/routes';
import Home from '../shop/pages/Home.svelte';
import { LOCALES, setLocale } from '$lib/i18n.svelte';

/** The markup in every language. */
export async function pictures(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const locale of LOCALES) {
    await setLocale(locale);
    found[locale] = render(App, { props: { started: Promise.resolve(), first: { route: routes[0]!, page: Home } } }).body;
  }
  return found;
}
