"""What visitors did at which touchpoint, so that a visit can be seen to have led to an order days later.

Owns the schema `visits`: events, which visitor was where on which day, counts by hour; who agreed to what and when, and which
browser was which person in which hours.

Promises:
- an event counts once, however often a phone sends it (its id is the phone's);
- nobody is named without having agreed: a visitor is a keyed hash of a cookie that lives 30 days and is renewed by nothing;
- a browser is tied to a person for stretches of time, never for ever, and to one person at a time;
- who withdraws is untied at once;
- single events and ties are kept RETENTION, counts for ever: `forget` removes the former and leaves the latter exact.

Emits: `visits.recorded` (a place's numbers changed).
"""
