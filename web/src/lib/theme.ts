/** Light, dark, or as the device says. Only a choice leaves a trace. */
import { keep, recall } from './storage';

export type Theme = 'auto' | 'light' | 'dark';
const KEPT = 'halles.theme';

export const theme = (): Theme => recall<Theme>(KEPT) ?? 'auto';

export function setTheme(to: Theme): void {
  keep(KEPT, to === 'auto' ? null : to);
  showTheme(to);
}

export function showTheme(which: Theme = theme()): void {
  if (which === 'auto') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = which === 'dark' ? 'halles-night' : 'halles';
}
