"""Taking one's data along, and closing an account (docs/howto/privacy.md).

An archive joins what each capability says it holds of a party. A closing is decided in one transaction behind the account's
gate: either an order wins or the closing does. Identity forgets in that transaction. What the others hold is forgotten right
after it, by steps that can be repeated; the worker does what a crash left undone. Orders and the ledger stay for the books.
"""
