"""Orders paid by card, and money that goes back to a card: `orders` waits, `payments` speaks with the provider, `wallet` books.

The order comes first, and its payment is a state of it. Whatever may bring news (the shopper's page, a webhook, the reconciler)
goes one path: ask the provider with no transaction open, then record its word, book the money and move the order in one
transaction. Locks are taken in one order: the order's rows, the payment's row, stock, accounts.

Promises: money that the provider took is in the ledger exactly once, whatever breaks; only the exact sum pays an order, and only
while it waits; whatever else comes goes to the shopper's wallet; an order that nobody pays gives its stock back once.
"""
