"""The text that asks for consent, by version and language, and the words of exported reports.

A version that somebody agreed to is never changed and never removed: it says what they agreed to.
"""

from __future__ import annotations

CONSENT: dict[int, dict[str, str]] = {
    1: {
        "en": (
            "May we tie your visits to our showrooms to your orders? We then see which showroom and which samples led to an "
            "order, on the devices where you are signed in, from this visit on. We keep it for 90 days, tell it to nobody, show "
            "it only as numbers of at least five people, and never use it to change what you see or pay. You can say no here "
            "at any time: then the ties are deleted at once."
        ),
        "fr": (
            "Pouvons-nous relier vos visites dans nos showrooms à vos commandes ? Nous voyons alors quel showroom et quels "
            "échantillons ont mené à une commande, sur les appareils où vous êtes connecté, à partir de cette visite. Nous le "
            "gardons 90 jours, ne le transmettons à personne, ne le montrons qu’en chiffres d’au moins cinq personnes et ne "
            "l’utilisons jamais pour changer ce que vous voyez ou payez. Vous pouvez dire non ici à tout moment : les liens "
            "sont alors effacés aussitôt."
        ),
    }
}

_WORDS: dict[str, tuple[str, str]] = {
    "part": ("Part", "Partie"),
    "what": ("What", "Quoi"),
    "label": ("Label", "Libellé"),
    "value": ("Value", "Valeur"),
    "of": ("Of", "Sur"),
    "share": ("Share", "Proportion"),
    "low": ("Low", "Bas"),
    "high": ("High", "Haut"),
    "why": ("Told", "Donné"),
    "coverage": ("What is tied", "Ce qui est relié"),
    "purchases": ("Purchases after a visit", "Achats après une visite"),
    "customers": ("Customers", "Clients"),
    "lift": ("Lift around the place", "Effet autour du lieu"),
    "samples": ("Samples", "Échantillons"),
    "visits": ("visits counted", "visites comptées"),
    "tied": ("tied visits", "visites reliées"),
    "agreed": ("agreed", "ont accepté"),
    "people": ("people", "personnes"),
    "devices": ("devices of a person", "appareils d’une personne"),
    "buyers": ("visitors who bought", "visiteurs ayant acheté"),
    "running": ("window still running", "délai encore ouvert"),
    "orders": ("tied orders", "commandes reliées"),
    "touched": ("of a product looked at", "d’un produit regardé"),
    "delays": ("days from visit to order", "jours de la visite à la commande"),
    "here": ("orders sent from the place", "commandes envoyées du lieu"),
    "first_visit": ("first-visit customers", "nouveaux clients après visite"),
    "existing": ("existing customers", "clients existants"),
    "week": ("week", "semaine"),
    "synthetic": ("synthetic control", "contrôle synthétique"),
    "differences": ("difference in differences", "double différence"),
    "extra": ("gained since the opening", "gagné depuis l’ouverture"),
    "p": ("placebo p", "p placebo"),
    "fit": ("error before the opening", "erreur avant l’ouverture"),
    "weight": ("weight", "poids"),
    "seen": ("looked and bought", "regardé et acheté"),
    "unseen": ("came, did not look, bought", "venu, non regardé, acheté"),
    "more": ("difference (association)", "différence (association)"),
    "cause": ("pieces a week", "pièces par semaine"),
    "shrunk": ("pieces a week, drawn together", "pièces par semaine, lissé"),
    "hidden": ("not shown", "non montré"),
    "measured": ("measured", "mesuré"),
    "no_point": ("not known where the place is", "lieu sans coordonnées"),
    "not_open": ("not open yet", "pas encore ouvert"),
    "weeks_before": ("too few weeks before", "trop peu de semaines avant"),
    "weeks_after": ("too few weeks since", "trop peu de semaines depuis"),
    "few_shoppers": ("too few shoppers around", "trop peu de clients autour"),
    "few_sales": ("too few sales around", "trop peu de ventes autour"),
    "few_controls": ("too few similar areas", "trop peu de zones semblables"),
    "bad_fit": ("no mix of areas resembles it", "aucun mélange de zones ne ressemble"),
    "not_enough": ("not enough yet", "pas encore assez"),
}


def word(key: str, language: str) -> str:
    """A word of a report in a language."""
    return _WORDS[key][language == "fr"]


def consent_text(version: int, language: str) -> str:
    """What is asked, or was."""
    return CONSENT[version]["fr" if language == "fr" else "en"]
