"""When goods arrive: lanes made of legs, carriers and hubs, calendars, the date that follows from them, and whether it is kept.

Owns the PostgreSQL schema `promises`. How a date is found and watched is told in docs/algorithms/promise.md.

Promises: a quote is a pure function of lines, lanes, calendar and moment; the earliest date is never after the latest; ordering
later never promises earlier; no date falls on a day on which the carrier does not deliver. How a promise stands is a function of
the set of scans: neither their order nor their repetition changes it, and each warning is told once.

Emits `promises.shifted` when a promise became at risk, missed or safe again, `promises.parcel_moved` when parcels were scanned.
"""
