"""What happens to an order after it was placed: packed, shipped, delivered, cancelled, taken back; and how it is shown.

Each step is one transaction over orders, inventory and wallet, in the lock order that checkout keeps: the order's row, then
stock, then accounts. Promises: stock leaves exactly when it ships, money moves exactly then, a cancelled order gives back what
it reserved and held, and of two steps that race, one wins and the other is told.
"""
