"""Electronic shelf labels: what each should show, what was sent to it, and what its gateway proved that it shows.

Owns the PostgreSQL schema `shelf_labels`. The messages and their proofs are told in docs/howto/shelf-labels.md.

Promises: a label counts as confirmed only when the gateway that it hangs on has signed the hash of exactly the content that was
sent last; what did not confirm in time is shown as unconfirmed; a version number never goes back, so that late, doubled and
reordered answers change nothing.

Emits nothing: pages ask again.
"""
