"""What staff and head office look at across capabilities: stock with its articles, accounts with their owners, parked events.

Stock is changed here by hand (received, adjusted, counted), once a command id. Everything else only reads.
"""
