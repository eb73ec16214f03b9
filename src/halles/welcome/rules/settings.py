"""Which zones, doors, terms and rules can be."""

from __future__ import annotations

from collections.abc import Sequence

from halles.welcome.types import BadSettings, Door, Rule, RuleKind, Terms, Zone

_VALUED = {
    RuleKind.DISTANCE: (0.5, 5.0),
    RuleKind.SHORT_STAY: (5.0, 480.0),
    RuleKind.SMALL_PARTIES: (1.0, 50.0),
}
"""Kinds that have a value, and its bounds."""


def check(zones: Sequence[Zone], doors: Sequence[Door], terms: Terms, capacity: int | None) -> None:
    """Raise BadSettings, naming the field, when these settings cannot be."""
    names = [zone.zone for zone in zones]
    if len(set(names)) != len(names):
        raise BadSettings("Two zones have the same code.", field="zones")
    codes = [door.door for door in doors]
    if len(set(codes)) != len(codes):
        raise BadSettings("Two doors have the same code.", field="doors")
    for door in doors:
        for zone in (door.from_zone, door.to_zone):
            if zone is not None and zone not in names:
                raise BadSettings(f"The door {door.door!r} leads to no zone {zone!r}.", field="doors")
        if door.from_zone == door.to_zone:
            raise BadSettings(f"The door {door.door!r} leads back to its own zone.", field="doors")
    if zones and not any(door.from_zone is None for door in doors) and doors:
        raise BadSettings("No door leads outside.", field="doors")
    if capacity is not None and any((zone.capacity or 0) > capacity for zone in zones):
        raise BadSettings("A zone takes more people than the whole place.", field="zones")
    if terms.stay_min < terms.slot_min:
        raise BadSettings("A stay is at least as long as a slot.", field="stay_min")
    _check_rules(terms)


def _check_rules(terms: Terms) -> None:
    kinds = [rule.kind for rule in terms.rules if rule.kind is not RuleKind.OTHER]
    if len(set(kinds)) != len(kinds):
        raise BadSettings("The same rule is there twice.", field="rules")
    for rule in terms.rules:
        _check_rule(rule, terms)


def _check_rule(rule: Rule, terms: Terms) -> None:
    bounds = _VALUED.get(rule.kind)
    if (bounds is None) != (rule.value is None):
        raise BadSettings(
            f"{rule.kind.value}: {'it has no value' if bounds is None else 'say how much'}.", field="rules"
        )
    if bounds is not None and not bounds[0] <= (rule.value or 0.0) <= bounds[1]:
        raise BadSettings(f"{rule.kind.value}: a value from {bounds[0]:g} to {bounds[1]:g}.", field="rules")
    if rule.kind is RuleKind.OTHER and not (rule.text_fr and rule.text_en):
        raise BadSettings("A rule of your own needs its words in French and English.", field="rules")
    if rule.kind is RuleKind.SMALL_PARTIES and rule.value != terms.largest_party:
        raise BadSettings("The rule says another largest party than the terms.", field="rules")
    if rule.kind is RuleKind.SHORT_STAY and rule.value != terms.stay_min:
        raise BadSettings("The rule says another greatest stay than the terms.", field="rules")
