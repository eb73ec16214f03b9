"""Money from outside, and back: top-ups, orders paid by card, refunds to a card, through a payment service provider (PSP).

Owns the schema `payments`: top-ups, attempts to pay orders, refunds, the log of webhooks, and the demo provider's own books.

Promises:
- a top-up, a payment and a refund reach exactly one end, and always what the provider says: its books are the truth;
- no call to the provider while a transaction is open: the intent is recorded, then the call made, then its result recorded;
- a crash between any two of these steps loses and doubles nothing: the reconciler asks the provider until there is an end;
- webhooks may come twice, late, or out of order: each only makes us ask the provider again;
- an order is paid by one payment, of exactly its sum; all refunds of a payment together never exceed it;
- what has no end after a day is shown to a person.

Emits: `payments.topup_settled` (a top-up reached its end).
"""
