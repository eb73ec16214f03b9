"""Flash sales: a fixed quantity at a fixed moment, and a fair waiting room before it. Owns the PostgreSQL schema `flash`.

Promises: a sale never sells more than its quantity, nor to one customer more than the limit, and an order that is sent again
takes once; a ticket never overtakes an earlier one after the draw; the draw follows from a seed whose hash was shown before it;
what was fenced for a sale is given back exactly once. Rows are locked in the order sale, then customer, after stock and before
accounts; a waiting room's row is locked alone. Emits no events: the order tells the story.
"""
