/** Stripe's own payment fields, fetched from Stripe only when a shop pays through it. */

interface Elements {
  create: (kind: 'payment') => { mount: (box: HTMLElement) => void };
}
interface Stripe {
  elements: (options: { clientSecret: string; appearance?: object }) => Elements;
  confirmPayment: (options: { elements: Elements; redirect: 'if_required'; confirmParams: { return_url: string } }) => Promise<{ error?: { message?: string } }>;
}
export interface StripeForm {
  /** Confirm what is typed; the provider's sentence when it is refused, null when it is not. The first call only shows the fields. */
  confirm: () => Promise<string | null>;
}

const SCRIPT = 'https://js.stripe.com/v3/';

function load(): Promise<(key: string) => Stripe> {
  const there = () => (window as unknown as { Stripe?: (key: string) => Stripe }).Stripe;
  return new Promise((done, fail) => {
    const ready = there();
    if (ready) return done(ready);
    const script = Object.assign(document.createElement('script'), { src: SCRIPT, async: true });
    script.onload = () => (there() ? done(there()!) : fail(new Error('payment fields')));
    script.onerror = () => fail(new Error('payment fields'));
    document.head.append(script);
  });
}

export async function payWithStripe(key: string, clientSecret: string, box: HTMLElement): Promise<StripeForm> {
  const stripe = (await load())(key);
  const token = (name: string) => getComputedStyle(box).getPropertyValue(`--${name}`).trim();
  const elements = stripe.elements({
    clientSecret,
    appearance: { variables: { colorPrimary: token('green-2'), colorText: token('ink'), colorBackground: token('card'), colorDanger: token('tomato'), borderRadius: '6px', fontFamily: 'Instrument Sans, sans-serif' } },
  });
  elements.create('payment').mount(box);
  let shown = false;
  return {
    async confirm() {
      if (!shown) {
        shown = true;
        return '';
      }
      const { error } = await stripe.confirmPayment({ elements, redirect: 'if_required', confirmParams: { return_url: location.href } });
      return error ? (error.message ?? '') : null;
    },
  };
}
