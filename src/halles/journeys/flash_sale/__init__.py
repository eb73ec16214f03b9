"""A flash sale from plan to end: prices and fences around it, the waiting room while it runs, its pages and its counter.

Meets here: flash (the sale), pricing (its price), inventory (what is fenced for it, what is left), catalog (what is sold).
"""
