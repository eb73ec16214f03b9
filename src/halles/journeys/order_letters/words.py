"""The words of the mails about orders, in the languages of the house, and how they write days and amounts."""

from __future__ import annotations

from datetime import date
from typing import Literal

from halles.journeys.labels.words import amount, rate_of
from halles.journeys.promise_keeping.notices import day_text
from halles.kernel.money import Money

__all__ = ["COUNTRIES", "WORDS", "day", "money", "rate"]
Locale = Literal["en", "fr"]

COUNTRIES = {
    "en": {"FR": "France", "BE": "Belgium", "LU": "Luxembourg", "CH": "Switzerland", "DE": "Germany", "IT": "Italy",
            "ES": "Spain",
           "NL": "Netherlands", "AT": "Austria", "PT": "Portugal", "IE": "Ireland", "GB": "United Kingdom", "MC": "Monaco"},
    "fr": {"FR": "France", "BE": "Belgique", "LU": "Luxembourg", "CH": "Suisse", "DE": "Allemagne", "IT": "Italie",
            "ES": "Espagne",
           "NL": "Pays-Bas", "AT": "Autriche", "PT": "Portugal", "IE": "Irlande", "GB": "Royaume-Uni", "MC": "Monaco"},
}  # fmt: skip
"""Names of countries; of others their code is written."""

WORDS: dict[str, dict[str, str]] = {
    "en": {
        "confirmation.subject": "Your order {number} is confirmed",
        "confirmation.lead": "Thank you. This is the confirmation of your order {number} of {day}. "
        "Please keep it.",
        "shipped.subject": "Your order {number} is on its way",
        "shipped.lead": "Your order {number} has left.",
        "ready.subject": "Your order {number} is ready",
        "ready.lead": "Your order {number} is ready for you at {place}.",
        "delivered.subject": "Your order {number} has arrived",
        "delivered.lead": "Your order {number} was delivered. We hope that you like it.",
        "delivered.collected": "You have collected your order {number}. We hope that you like it.",
        "cancelled.subject": "Your order {number} is cancelled",
        "cancelled.lead": "Your order {number} is cancelled.",
        "cancelled.expired": "The payment of your order {number} did not come in time: the order is "
        "cancelled, and nothing was charged.",
        "cancelled.wallet": "The money that was held for it, {total}, is free again in your Halles wallet.",
        "cancelled.card": "What you paid by card for it, {total}, is in your Halles wallet. The page of "
        "the order gives it back to your card if you wish.",
        "cancelled.nothing": "Nothing was charged.",
        "refunded.subject": "Refund of your order {number}",
        "refunded.lead": "Your order {number} came back to us. {total} are in your Halles wallet.",
        "refunded.card": "The refund of your order {number} is back on your card.",
        "refunded.row": "Back on the card on {day}",
        "sold_by": "Sold by {seller}",
        "part": "Number of this part: {number}",
        "line": "{quantity} × {title}",
        "each": "{price} each",
        "delivery": "Delivery",
        "free": "included",
        "total": "Total",
        "vat": "including VAT {rate}%",
        "vat_total": "including VAT",
        "promise.delivery": "Delivery expected on {day}.",
        "promise.between": "Delivery expected between {day} and {latest}.",
        "promise.pickup": "Ready to collect on {day} at {place}.",
        "to": "Delivery address:",
        "pay.card": "Paid by card.",
        "pay.wallet": "Paid from your Halles wallet; the money is taken when the goods leave.",
        "tracking": "{carrier}, tracking number {number}",
        "withdrawal.of": "Right of withdrawal, {seller}:",
        "withdrawal": "Right of withdrawal: you may withdraw from this contract without giving a reason "
        "within {days} days of the day on which you, or a person named by you other than the carrier, "
        "receive the last of the goods. Tell the seller in an unequivocal statement before that time "
        "ends, and send the goods back within 14 days of it. You get back what you paid, the usual cost "
        "of delivery included, within 14 days of your statement; the seller may wait for the goods or "
        "the proof that you sent them. Some goods are excepted by law, such as those made to your "
        "measure and those that do not keep.",
        "link": "Find your order here: {link}",
        "link.mine": "The link is yours alone and works until {day}. Whoever has it can read this order.",
    },
    "fr": {
        "confirmation.subject": "Votre commande {number} est confirmée",
        "confirmation.lead": "Merci. Voici la confirmation de votre commande {number} du {day}. "
        "Conservez-la.",
        "shipped.subject": "Votre commande {number} est en route",
        "shipped.lead": "Votre commande {number} est partie.",
        "ready.subject": "Votre commande {number} est prête",
        "ready.lead": "Votre commande {number} vous attend : {place}.",
        "delivered.subject": "Votre commande {number} est arrivée",
        "delivered.lead": "Votre commande {number} a été livrée. Nous espérons qu’elle vous plaît.",
        "delivered.collected": "Vous avez retiré votre commande {number}. Nous espérons qu’elle vous plaît.",
        "cancelled.subject": "Votre commande {number} est annulée",
        "cancelled.lead": "Votre commande {number} est annulée.",
        "cancelled.expired": "Le paiement de votre commande {number} n’est pas arrivé à temps : elle est "
        "annulée, et rien n’a été débité.",
        "cancelled.wallet": "La somme retenue, {total}, est de nouveau disponible dans votre "
        "portefeuille Halles.",
        "cancelled.card": "Ce que vous aviez payé par carte, {total}, est dans votre portefeuille "
        "Halles. La page de la commande vous le rend sur votre carte si vous le souhaitez.",
        "cancelled.nothing": "Rien n’a été débité.",
        "refunded.subject": "Remboursement de votre commande {number}",
        "refunded.lead": "Votre commande {number} nous est revenue. {total} sont dans votre portefeuille "
        "Halles.",
        "refunded.card": "Le remboursement de votre commande {number} est sur votre carte.",
        "refunded.row": "Rendu sur la carte, {day}",
        "sold_by": "Vendu par {seller}",
        "part": "Numéro de cette partie : {number}",
        "line": "{quantity} × {title}",
        "each": "{price} pièce",
        "delivery": "Livraison",
        "free": "comprise",
        "total": "Total",
        "vat": "dont TVA {rate} %",
        "vat_total": "dont TVA",
        "promise.delivery": "Livraison prévue {day}.",
        "promise.between": "Livraison prévue entre {day} et {latest}.",
        "promise.pickup": "À retirer à partir de {day} : {place}.",
        "to": "Adresse de livraison :",
        "pay.card": "Payée par carte.",
        "pay.wallet": "Payée avec votre portefeuille Halles ; la somme est débitée au départ des articles.",
        "tracking": "{carrier}, numéro de suivi {number}",
        "withdrawal.of": "Droit de rétractation, {seller} :",
        "withdrawal": "Droit de rétractation : vous pouvez revenir sur ce contrat sans donner de motif "
        "dans les {days} jours qui suivent celui où vous-même, ou une personne que vous avez désignée "
        "autre que le transporteur, recevez le dernier article. Prévenez le vendeur par une déclaration "
        "sans ambiguïté avant la fin de ce délai, et renvoyez les articles dans les 14 jours qui la "
        "suivent. Ce que vous avez payé, frais de livraison standard compris, vous est rendu au plus "
        "tard 14 jours après votre déclaration ; le vendeur peut attendre les articles ou la preuve de "
        "leur renvoi. La loi en excepte certains biens, comme ceux faits à vos mesures ou périssables.",
        "link": "Retrouvez votre commande ici : {link}",
        "link.mine": "Ce lien n’est qu’à vous et fonctionne jusqu’au {day}. Qui l’a peut lire cette "
        "commande.",
    },
}


def day(value: date, language: Locale) -> str:
    """`Tuesday 1 December 2026`, `mardi 1er décembre 2026`."""
    return f"{day_text(value, language)} {value.year}"


def money(minor: int, currency: str, language: Locale) -> str:
    """`€1,480.00`, `1 480,00 €`."""
    return amount(Money(minor, currency), language)


def rate(basis_points: int, language: Locale) -> str:
    """`20`, `5.5`, `5,5`."""
    return rate_of(basis_points, language)
