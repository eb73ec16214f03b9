"""Keys for programs, as those who run a shop make them, narrow them and take them back.

Joins identity (the keys) and places (what a key may be narrowed to). Promises: a key never does more than who made it may have
done there; its secret is shown once; what a narrowed key may not do is refused by every route (kernel/web.py).
"""
