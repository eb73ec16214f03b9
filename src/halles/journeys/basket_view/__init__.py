"""The basket as a shopper sees it: what they put in, at today's price, what of it can be had, and when it would arrive.

One basket holds articles of several sellers, each with its own promise and subtotal. Reads orders, catalogue, pricing, inventory,
promises and wallet and decides nothing: checkout decides again, under lock, and refuses what has changed. Writes basket
lines only.
"""
