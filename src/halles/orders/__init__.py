"""Orders and what happened to them, baskets and receipts. Owns the PostgreSQL schema `orders`.

Promises: an order id is used once, and repeating its command gives the first answer; an order's lines never change after it was
placed; its state moves only as `rules.STEPS` allows, one line of the timeline a step. It records, and never prices, reserves,
pays or notifies: those meet in `journeys/`. Emits `orders.order_placed` and `orders.order_advanced`.
"""
