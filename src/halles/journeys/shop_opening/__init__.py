"""Opening a shop: the seller, its first warehouse, how goods reach which countries, and the person who runs it.

Promises: repeating the command changes what is given anew and adds nothing twice.
"""
