import './shop.css';
import { mount } from 'svelte';
import App from '../shop/App.svelte';
import { preferredLocale, setLocale } from '$lib/i18n.svelte';
import { showTheme } from '$lib/theme';

showTheme();
await setLocale(preferredLocale());
mount(App, { target: document.getElementById('app')! });

// Keeps the shell for the next time without a network; never in the way of the first screen.
if (import.meta.env.PROD && 'serviceWorker' in navigator) {
  const register = () => void navigator.serviceWorker.register('/sw.js').catch(() => undefined);
  if (document.readyState === 'complete') register();
  else window.addEventListener('load', register, { once: true });
}
