"""Keeping what was promised: every promise of an order is watched until its goods are there, looked at again whenever something
happens to a parcel and once a day, and whoever waits is told early when it will not hold.

Joins orders (how far they are), promises (lanes, watches, parcels) and identity (whom to write to). Promises: what carriers tell
twice, late or out of order leaves the same state; each warning is sent once; nothing of it touches the path on which orders are
placed. docs/algorithms/promise.md tells it in prose.
"""
