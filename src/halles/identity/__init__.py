"""Who somebody is, how they prove it, and what they may do.

Owns the schema `identity`: parties, addresses, roles, passkeys, codes, challenges, sessions, API keys, closed
accounts, the demo's mailbox.

Promises:
- a session token is 256 random bits, kept only as its SHA-256; it is made anew at every sign-in and dies at once when revoked;
- a code is kept only as Argon2id over a keyed hash, works once, for ten minutes, five attempts, one live code per address;
- no answer, and no difference in work, tells whether an address has an account;
- a guest is a party: what a guest holds follows them when they sign in;
- a closed account is signed in to by nobody, and its address is free for a stranger to it.

Emits: `identity.code_requested` (a mail is to be sent), `identity.guest_became` (a guest turned out to be another party).
"""
