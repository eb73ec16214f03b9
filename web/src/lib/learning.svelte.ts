/** How far the showroom has learned its pictures, asked again while it goes on: photos are answered with what is known meanwhile. */
import { get, type Query } from './api';

export interface Learned {
  learned: number;
  pictures: number;
  going_on: boolean;
}
const AGAIN_MS = 10_000;

/** Null where nothing is being learned, or nobody can say. Ends with the component. */
export function learning(path: string, query: () => Query = () => ({})): { readonly now: Learned | null } {
  let now = $state.raw<Learned | null>(null);
  $effect(() => {
    const asked = query();
    let over = false;
    let later: ReturnType<typeof setTimeout> | undefined;
    const ask = async () => {
      const found = await get<Learned>(path, asked).catch(() => null);
      if (over) return;
      now = found?.going_on ? found : null;
      if (now) later = setTimeout(() => void ask(), AGAIN_MS);
    };
    void ask();
    return () => {
      over = true;
      clearTimeout(later);
    };
  });
  return {
    get now() {
      return now;
    },
  };
}
