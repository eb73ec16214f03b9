import { beforeEach } from 'vitest';
import { setLocale } from '$lib/i18n.svelte';

beforeEach(async () => {
  localStorage.clear();
  sessionStorage.clear();
  await setLocale('en');
});
