"""The mails that an order sends its shopper: which are due, which went out, which nobody could send; and what each seller wants
said in them.

Owns the PostgreSQL schema `letters`. It knows orders by number alone and no address of anybody: who is written to, and what, is
read when the mail is written. docs/howto/order-mails.md tells it in prose.

Promises: a letter stands once for each (order, kind, cause), whatever events come twice; one worker at a time has it; it ends
sent, not needed, or parked where staff see it. Emits nothing.
"""
