/** Where an order's money is, in one sentence for the shopper. */
import type { Order } from '$lib/api';
import { money, t } from '$lib/i18n.svelte';

export function paymentText(order: Order): string {
  const amount = money(order.total);
  if (!order.card) return order.payment === 'pending' ? '' : t(`payment.${order.payment}`, { amount });
  if (order.payment === 'pending') return order.card.paid ? t('pay.told.credited', { amount: money(order.card.paid) }) : '';
  if (order.payment === 'held') return t('pay.told.held', { amount });
  if (order.payment === 'captured') return t('pay.told.captured', { amount });
  if (!order.card.paid) return t(order.tape.some((event) => event.code === 'orders.expired') ? 'pay.told.expired' : 'pay.told.nothing');
  // What went back to the card is told below, refund by refund.
  return order.card.left ? t('pay.told.free', { amount: money(order.card.left) }) : '';
}
