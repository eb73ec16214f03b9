"""Money into a wallet: `payments` speaks with the provider, `wallet` books it, and only here they meet.

One path for everything that may bring news (the shopper's own request, a webhook, the reconciler): ask the provider with no
transaction open, then record its word and book the money in one transaction. So each may be repeated, late or lost. Webhooks are
heard in `journeys/card_payment`, for top-ups and orders alike.
"""
