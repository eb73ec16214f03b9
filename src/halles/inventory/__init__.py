"""What is where, and what of it may still be sold. Owns the PostgreSQL schema `inventory`.

Promises: sellable = on hand - reserved - safety - ring-fenced, never below zero by a sale; reserved never exceeds on hand; every
change of either is a movement with its cause, so that stock equals the sum of its movements at any moment (`halles doctor`).
Rows are locked in the order seller, location, variant, and stock before money. What a ring-fence keeps is counted in its items'
`ring_fenced`; its items change only under the lock of their stock row. Emits no events: the order tells the story.
"""
