import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

type Node = [tag: string, attributes: Record<string, string>];

/**
 * Lucide's icons as plain markup. The package draws each shape at run time from a list, with every attribute spread: half the work of
 * the first screen. We use three properties of them, so each becomes one template that the browser copies.
 */
export function icons(): Plugin {
  return {
    name: 'halles-icons',
    enforce: 'pre',
    load(id) {
      if (!/@lucide\/svelte\/dist\/icons\/[\w-]+\.svelte$/.test(id)) return null;
      const given = /const iconData = (\{.*\});/.exec(readFileSync(id, 'utf8'))?.[1];
      if (!given) throw new Error(`${id} no longer holds its shapes where scripts/icons.ts looks for them`);
      const { node } = JSON.parse(given) as { node: Node[] };
      const shapes = node.map(([tag, attributes]) => `<${tag} ${Object.entries(attributes).map(([name, value]) => `${name}="${value}"`).join(' ')} />`);
      return [
        `<script>let { size = 24, strokeWidth = 2, 'aria-hidden': hidden = 'true', class: extra } = $props();</script>`,
        `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width={size} height={size} fill="none" stroke="currentColor" stroke-width={strokeWidth} stroke-linecap="round" stroke-linejoin="round" aria-hidden={hidden} class={extra}>${shapes.join('')}</svg>`,
      ].join('\n');
    },
  };
}
