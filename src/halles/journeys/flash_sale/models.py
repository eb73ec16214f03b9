"""What pages are told of flash sales. Amounts are gross; moments are UTC; absent is null."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AwareDatetime, Field

from halles.kernel.web import Model, MoneyModel

PhaseName = Literal["before", "waiting", "running", "sold_out", "ended"]


class SaleItemView(Model):
    """An article of a sale. `price`: the sale's; `was_price`: to cross out, where the law allows it."""

    variant_id: int
    product_id: UUID
    title: str
    image: str | None
    price: MoneyModel | None
    was_price: MoneyModel | None


class CounterView(Model):
    """What changes every second, the same for everybody. `left`: pieces the sale can still give; `sold` of `quantity`. `joined`:
    tickets given; places up to `admitted_to` are in; `rate_per_s`: people let in a second, lately. `drawn`: how many tickets were
    shuffled at the start, null before; `seed` is shown from then on. `paused`: why nobody is let in just now."""

    sale_id: UUID
    phase: PhaseName
    now: datetime
    starts_at: datetime
    ends_at: datetime
    quantity: int
    left: int
    sold: int
    watchers: int
    joined: int
    admitted_to: int
    rate_per_s: float
    drawn: int | None
    seed: str | None
    paused: str | None = Field(examples=["busy"])


class SaleView(Model):
    """A sale's page. `opens_at`: when its waiting room opens, null without one. `commitment`: SHA-256 of the seed of the draw,
    shown before it. `hold_s`: seconds that an admitted person has to buy."""

    seller_id: int
    title: str
    opens_at: datetime | None
    per_customer: int
    waiting_room: bool
    hold_s: int
    commitment: str
    items: list[SaleItemView]
    counter: CounterView


class SaleBrief(Model):
    """A sale in a list."""

    sale_id: UUID
    title: str
    phase: PhaseName
    starts_at: datetime
    ends_at: datetime
    opens_at: datetime | None
    product_ids: list[UUID]
    variant_ids: list[int]


class SaleList(Model):
    """Sales that run or are to come; `now` sets the page's clock."""

    now: datetime
    items: list[SaleBrief]


class TicketAsked(Model):
    """Asking for a ticket, or for what it gives now. `challenge` and `nonce`: the answer to `flash.proof_needed`. `again`: the
    time to buy ran out; a new ticket at the end of the line."""

    challenge: str | None = Field(None, max_length=200)
    nonce: str | None = Field(None, max_length=40)
    again: bool = False


class TicketView(Model):
    """Where a ticket stands. `place` is null before the draw; `ahead`: people still before it. `eta_s` null: nobody can tell.
    `enough`: fewer people are ahead than pieces left. `admission`: the token that goes with the order, valid until `until`."""

    sale_id: UUID
    state: Literal["waiting", "your_turn", "admitted", "lost", "sold_out", "over"]
    number: int
    place: int | None
    ahead: int | None
    eta_s: float | None
    enough: bool
    admission: str | None
    until: datetime | None
    now: datetime


class TitleModel(Model):
    """The sale's name in the languages of the house."""

    fr: str = Field(max_length=120)
    en: str = Field(max_length=120)


class ItemDraft(Model):
    """An article. `price_minor`: its price in the sale, null to leave prices alone. `fenced`: pieces at `location_id` that
    ordinary orders may not take until the sale is over."""

    variant_id: int = Field(ge=1, le=2**62)
    price_minor: int | None = Field(None, ge=0, le=10**12, examples=[9900])
    location_id: int | None = Field(None, ge=1, le=2**62)
    fenced: int = Field(0, ge=0, le=10_000_000, examples=[0])


class SalePlan(Model):
    """A sale as staff plan it. `prequeue_s`: seconds before the start at which the waiting room opens; `admit_per_s`: people let
    in a second at most; `hold_s`: seconds an admitted person has to buy."""

    title: TitleModel
    currency: str = Field(pattern="^[A-Z]{3}$", examples=["EUR"])
    starts_at: AwareDatetime
    ends_at: AwareDatetime
    quantity: int = Field(ge=1, le=10_000_000, examples=[100])
    per_customer: int = Field(1, ge=1, le=10_000_000)
    waiting_room: bool = True
    prequeue_s: int = Field(900, ge=0, le=86_400)
    admit_per_s: float = Field(10.0, ge=0.01, le=100_000)
    hold_s: int = Field(180, ge=30, le=3600)
    items: Annotated[list[ItemDraft], Field(min_length=1, max_length=100)]


class NewSale(SalePlan):
    """A new sale. `sale_id` is made by the client: the same again is the same sale."""

    sale_id: UUID


class SaleEdit(SalePlan):
    """A change of a sale that has not started, from the version that was seen."""

    version: int


class ConsoleItem(ItemDraft):
    """An article of a sale, with what it is."""

    title: str
    image: str | None
    regular: MoneyModel | None


class ConsoleSale(Model):
    """A sale in the console. `orders_per_s`: lately; `waiting`: tickets whose turn has not come; `admitted`: those whose turn
    came; `refused`: tickets and orders turned away. `settled`: what it had fenced off is given back."""

    sale_id: UUID
    seller_id: int
    plan: SalePlan
    items: list[ConsoleItem]
    version: int
    phase: PhaseName
    now: datetime
    stopped_at: datetime | None
    settled: bool
    left: int
    taken: int
    orders: int
    orders_per_s: float
    watchers: int
    waiting: int
    admitted: int
    refused: int
    paused: str | None


class ConsoleSales(Model):
    """A seller's sales, the one that starts last first."""

    now: datetime
    items: list[ConsoleBrief]


class ConsoleBrief(Model):
    """A sale in the console's list."""

    sale_id: UUID
    title: TitleModel
    phase: PhaseName
    starts_at: datetime
    ends_at: datetime
    stopped_at: datetime | None
    quantity: int
    taken: int


ConsoleSales.model_rebuild()
