/**
 * Where the generated description of the API and the types that the pages read must agree; checked by the compiler, never run. A line
 * that turns red says which answer changed its shape.
 */
import type { components } from './schema';
import type * as T from './types';

type Said = components['schemas'];
/** The server describes some words as any text where the pages know the few that come: `state`, `role`, `lane`. */
type Wide<Shape> = Shape extends string ? string : Shape extends readonly (infer Item)[] ? Wide<Item>[] : Shape extends object ? { [Field in keyof Shape]: Wide<Shape[Field]> } : Shape;
type Agree<From, To> = [Wide<From>] extends [Wide<To>] ? true : { from: Wide<From>; to: Wide<To> };
type All<Lines extends Record<string, true>> = Lines;

export type Agreement = All<{
  Bootstrap: Agree<Said['Bootstrap'], T.Bootstrap>;
  Me: Agree<Said['Me'], T.Me>;
  Products: Agree<Said['Page_ProductCard_'], T.Page<T.ProductCard>>;
  Category: Agree<Said['CategoryView'], T.Category>;
  Product: Agree<Said['ProductView'], T.Product>;
  Scanned: Agree<Said['Scanned'], T.Scanned>;
  PhotoAnswer: Agree<Said['PhotoAnswer'], T.PhotoAnswer>;
  Basket: Agree<Said['BasketModel'], T.Basket>;
  // What the shop's pages do not send has a default.
  OrderPlace: Agree<T.OrderPlace, Omit<Said['PlaceOrder'], 'admission' | 'also' | 'quote' | 'reservation'> & { also?: T.OrderPlacePart[]; reservation?: string | null }>;
  Placed: Agree<Said['Placed'], T.OrderPlaced>;
  Orders: Agree<Said['Page_OrderLight_'], T.Page<T.OrderLight>>;
  Order: Agree<Said['OrderModel'], T.Order>;
  Wallet: Agree<Said['WalletModel'], T.Wallet>;
  Postings: Agree<Said['Page_PostingModel_'], T.Page<T.Posting>>;
  Topup: Agree<Said['TopupModel'], T.Topup>;
  OrderPayment: Agree<Said['OrderPaymentModel'], T.OrderPayment>;
  CardRefund: Agree<Said['CardRefundModel'], T.CardRefund>;
  Passkey: Agree<Said['PasskeyModel'], T.Passkey>;
  Mail: Agree<Said['MailModel'], T.Mail>;
  DemoAccount: Agree<Said['DemoAccountModel'], T.DemoAccount>;
  VisitEvent: Agree<T.VisitEvent, Said['VisitsTold']['events'][number]>;
}>;
