"""When goods arrive: lanes from where they are to where shoppers are, calendars, and the date that follows from both.

Owns the PostgreSQL schema `promises`. How a date is found is told in docs/algorithms/promise.md.

Promises: a quote is a pure function of lines, lanes, calendar and moment; the earliest date is never after the latest; ordering
later never promises earlier; no date falls on a day on which the carrier does not deliver.

Emits nothing.
"""
