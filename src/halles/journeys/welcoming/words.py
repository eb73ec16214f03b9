"""The house's words for contact-free rules, in French and English; and which of them Halles itself keeps."""

from __future__ import annotations

from collections.abc import Mapping

from halles.welcome.types import Rule, RuleKind

_WORDS: Mapping[RuleKind, tuple[str, str]] = {
    RuleKind.MASK: ("Portez un masque.", "Please wear a mask."),
    RuleKind.DISTANCE: (
        "Gardez {value} m de distance avec les autres.",
        "Keep {value} m away from other people.",
    ),
    RuleKind.HANDS_CLEAN: (
        "Désinfectez vos mains en entrant.",
        "Clean your hands when you come in.",
    ),
    RuleKind.ONE_WAY: ("Suivez le sens de la visite.", "Follow the way round."),
    RuleKind.CONTACTLESS_ONLY: (
        "On paie sans contact, sur le téléphone : pas d’espèces.",
        "Pay contact-free, on your phone: no cash.",
    ),
    RuleKind.STAFF_HANDS_SAMPLES: (
        "L’équipe vous tend les échantillons : demandez-les.",
        "Our team hands you the samples: just ask.",
    ),
    RuleKind.LOOK_DONT_TOUCH: (
        "Regardez, photographiez, mais ne touchez pas.",
        "Look and take photos, but please do not touch.",
    ),
    RuleKind.SMALL_PARTIES: (
        "Venez à {value} personnes au plus.",
        "Come with {value} people at most.",
    ),
    RuleKind.SHORT_STAY: (
        "Restez {value} minutes au plus.",
        "Stay {value} minutes at most.",
    ),
    RuleKind.OTHER: ("", ""),
}

ENFORCED: Mapping[RuleKind, tuple[str, str]] = {
    RuleKind.CONTACTLESS_ONLY: (
        "Halles n’encaisse que par carte et portefeuille, sur le téléphone.",
        "Halles takes cards and the wallet alone, on the phone.",
    ),
    RuleKind.SMALL_PARTIES: (
        "Un groupe plus grand ne peut ni réserver ni prendre un ticket.",
        "A larger party can neither book nor take a ticket.",
    ),
}
"""Kinds that the software keeps by itself, and how. All others are asked of people."""


def text_of(rule: Rule) -> tuple[str, str]:
    """A rule in French and English: the place's words, else the house's; `…` where its value is not said."""
    french, english = _WORDS[rule.kind]
    value = "…" if rule.value is None else f"{rule.value:g}"
    return (
        rule.text_fr or french.format(value=value.replace(".", ",")),
        rule.text_en or english.format(value=value),
    )
