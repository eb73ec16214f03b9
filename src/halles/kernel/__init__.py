"""What every capability stands on and none owns: money, ids, time, errors, the database, the outbox, the web's manners.

Owns the PostgreSQL schema `kernel` (outbox, idempotency). Promises that nothing here knows a retail word: a product, an order
or a shopper never appears in the kernel.
"""
