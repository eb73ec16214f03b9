"""Events and live topics over NATS, for devices and other programs, where an operator asks for it (`HALLES_NATS_URL`).

The outbox stays the truth: what NATS has not acknowledged waits in PostgreSQL, and nothing inside waits for NATS.
"""
