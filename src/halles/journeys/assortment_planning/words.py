"""The words of exported plans, in both languages."""

from __future__ import annotations

from typing import Any

from halles.assortments.types import Plan, Reason

_WORDS: dict[str, tuple[str, str]] = {
    "rank": ("Rank", "Rang"),
    "product": ("Product", "Produit"),
    "category": ("Category", "Catégorie"),
    "brand": ("Brand", "Marque"),
    "price": ("Price", "Prix"),
    "width": ("Width (cm)", "Largeur (cm)"),
    "stock": ("Stock at hubs", "Stock des plateformes"),
    "demand": ("Expected demand", "Demande attendue"),
    "adds": ("Adds", "Apport"),
    "why": ("Why", "Pourquoi"),
    "sheet": ("Samples to show", "Échantillons à exposer"),
    "covered": (
        "{samples} samples, {space} cm. Covers {covered} % of the demand; at most {gap} % from the best.",
        "{samples} échantillons, {space} cm. Couvre {covered} % de la demande ; au plus {gap} % du meilleur.",
    ),
    "must_have": ("must-have", "indispensable"),
    "sold": ("sold {count} times {where} in {days} days", "vendu {count} fois {where} en {days} jours"),
    "viewed": ("looked at {count} times {where}", "regardé {count} fois {where}"),
    "searched": ("searched for {count} times {where}", "recherché {count} fois {where}"),
    "fewer": ("fewer than {n}", "moins de {n}"),
    "near": ("within {km} km", "à moins de {km} km"),
    "region": ("in the region", "dans la région"),
    "country": ("in the country", "dans le pays"),
    "all": ("everywhere", "partout"),
    "times_country": ("{times} times the country's share", "{times} fois la part du pays"),
    "mostly_country": (
        "estimated to {percent} % from the country",
        "estimé à {percent} % d’après le pays",
    ),
    "too_few_shoppers": (
        "demand not looked at: fewer than {least} shoppers",
        "demande non consultée : moins de {least} clients",
    ),
    "only_in_band": ("the only one in its price band", "le seul dans sa tranche de prix"),
    "needed": ("needed for the minimum of {key}", "nécessaire au minimum de {key}"),
    "stands_for": (
        "stands for {products} similar products, {pieces} pieces",
        "représente {products} produits semblables, {pieces} pièces",
    ),
    "stands_for_one": (
        "stands for a similar product, {pieces} pieces",
        "représente un produit semblable, {pieces} pièces",
    ),
    "out_of_stock": ("out of stock at the hubs", "en rupture aux plateformes"),
}


def word(key: str, language: str, **holes: Any) -> str:
    """A text of this file, its holes filled."""
    text = _WORDS[key][language == "fr"]
    return text.format(
        **{
            k: str(v).replace(".", ",") if language == "fr" and isinstance(v, float) else v
            for k, v in holes.items()
        }
    )


def named(text: dict[str, str], language: str) -> str:
    """A text in a language, else in any."""
    return text.get(language) or text.get("und") or text.get("en") or next(iter(text.values()), "")


def why(reason: Reason, language: str) -> str:
    """A reason as a person reads it."""
    facts = dict(reason.facts)
    if reason.code in ("sold", "viewed", "searched"):
        facts["where"] = word(facts["level"], language, km=facts["km"])
        facts.setdefault("count", word("fewer", language, n=facts.get("fewer_than")))
    single = reason.code == "stands_for" and facts["products"] == 1
    return word("stands_for_one" if single else reason.code, language, **facts)


def summary(plan: Plan, language: str) -> str:
    """What a plan covers, in a line."""
    return word(
        "covered",
        language,
        samples=len(plan.chosen),
        space=plan.space_cm,
        covered=round(100 * plan.covered / plan.total) if plan.total else 0,
        gap=round(100 * plan.gap, 1),
    )
