"""The mails that tell a shopper of their order: the confirmation that is theirs to keep, and what becomes of the goods and money.

Joins orders and promises (what to tell), identity (whom, in which language, through which server) and letters (which are due).
Promises: nothing of it touches the path on which orders are placed; each mail is sent once, as far as a mail server can tell; the
link of a mail opens its order and no other, and only reads. docs/howto/order-mails.md tells it in prose.
"""
