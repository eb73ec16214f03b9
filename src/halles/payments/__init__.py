"""Money from outside: top-ups through a payment service provider (PSP).

Owns the schema `payments`: top-ups, the log of webhooks, and the demo provider's own books.

Promises:
- a top-up reaches exactly one end, `settled` or `failed`, and always what the provider says: its books are the truth;
- no call to the provider while a transaction is open: the intent is recorded, then the call made, then its result recorded;
- a crash between any two of these steps loses and doubles nothing: the reconciler asks the provider until there is an end;
- webhooks may come twice, late, or out of order: each only makes us ask the provider again.

Emits: `payments.topup_settled` (a top-up reached its end).
"""
