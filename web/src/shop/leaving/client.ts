/** Taking one's data along and closing an account, over HTTP. */
import { get, post, type Money } from '$lib/api';

export interface Obstacle {
  code: string;
  orders: { order_id: string; number: string; placed_at: string }[];
  money: Money[];
  seller_ids: number[];
}
export interface Leaving {
  obstacles: Obstacle[];
  proof: ('code' | 'passkey')[];
  email: string | null;
}
export interface Proof {
  code?: string;
  credential?: Record<string, unknown>;
  order_id?: string;
  email?: string;
}
export interface Closed {
  closure_id: string;
  closed_at: string;
  forgotten: boolean;
}

/** Where all of it is, as a file. */
export const DATA = '/api/me/data';
const CLOSING = '/api/me/closing';
export const leaving = () => get<Leaving>(CLOSING);
export const close = (closure_id: string, give_up: Money[], proof: Proof) => post<Closed>(CLOSING, { closure_id, give_up, ...proof });

/** What this device kept of the person goes with the account. */
export async function forgetHere(): Promise<void> {
  for (const shelf of [() => localStorage, () => sessionStorage]) {
    try {
      shelf().clear();
    } catch {
      // forbidden here, so that nothing is in it
    }
  }
  await import('$lib/offline/shop').then((found) => found.forgetPerson()).catch(() => undefined);
}
