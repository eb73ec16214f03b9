import './shop.css';
import { mount } from 'svelte';
import App from '../shop/App.svelte';
import { preferredLocale, setLocale } from '$lib/i18n.svelte';
import { rememberTouchpoint, startSession } from '$lib/session.svelte';
import { showTheme } from '$lib/theme';

showTheme();
rememberTouchpoint(location.search);
const language = preferredLocale();
// Who is here and the words to greet them come side by side.
const started = startSession(language);
await setLocale(language);
const target = document.getElementById('app')!;
target.replaceChildren();
mount(App, { target, props: { started } });

// Keeps the shell for the next time without a network; never in the way of the first screen.
if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  const register = () => void navigator.serviceWorker.register('/sw.js').catch(() => undefined);
  if (document.readyState === 'complete') register();
  else window.addEventListener('load', register, { once: true });
}
