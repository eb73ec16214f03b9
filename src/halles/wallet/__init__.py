"""Money that people and sellers keep with the platform: a double-entry ledger. Owns the PostgreSQL schema `wallet`.

Promises: every change of a balance is an immutable transfer between two accounts, so all balances of a currency sum to zero;
only a clearing account, which mirrors the world outside, goes below zero; held money is part of the balance and cannot be spent
twice; a refund reverses the split that was stored with the hold, never more than was captured. Accounts are locked in the order
owner, account, and always after stock. Emits no events.
"""
