"""The only way to create an order, whatever the touchpoint.

Orders that arrive while a batch is in flight are decided together, in one transaction: lock and read (stock, then accounts),
decide each in arrival order with a pure function, write each table once as a set, commit. docs/algorithms/intake.md tells how.
Promises: nothing is oversold, nothing is paid twice, the same command gives the same order, and what the shopper saw (price,
date) is what they get, or they are asked again.
"""
