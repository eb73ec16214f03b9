"""Proof that nothing was made or lost: stock against its movements and open orders, money against its transfers and holds.

Reads one snapshot of a live system and changes nothing. `halles doctor` prints what it finds, in words, and ends with 1 when
the books disagree.
"""
