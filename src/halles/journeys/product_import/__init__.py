"""Bringing a seller's products in: from a Google product feed, a table, JSON Lines or the grocery data set, with pictures,
prices and first stock.

Joins `catalog`, `pricing` and `inventory`. Promises: a row that cannot be read is reported with its line, field and reason, and
the others are kept; importing the same file again writes nothing; an import that was cut off is completed by running it again,
and the server takes up by itself what the console began.
"""
