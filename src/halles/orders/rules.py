"""The state machine of orders, and their readable number. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from halles.orders.types import OrderState, PaymentPending, PaymentState, Step, WrongState

# From which states a step may be taken, and where it leads: the order's state and its payment's.
STEPS: Mapping[Step, tuple[frozenset[OrderState], OrderState, PaymentState]] = {
    Step.PACK: (frozenset({OrderState.PLACED}), OrderState.PACKED, PaymentState.HELD),
    Step.SHIP: (frozenset({OrderState.PACKED}), OrderState.SHIPPED, PaymentState.CAPTURED),
    Step.DELIVER: (frozenset({OrderState.SHIPPED}), OrderState.DELIVERED, PaymentState.CAPTURED),
    Step.CANCEL: (
        frozenset({OrderState.PLACED, OrderState.PACKED}),
        OrderState.CANCELLED,
        PaymentState.VOIDED,
    ),
    Step.TAKE_BACK: (frozenset({OrderState.DELIVERED}), OrderState.RETURNED, PaymentState.REFUNDED),
}

TERMINAL = frozenset({OrderState.DELIVERED, OrderState.CANCELLED, OrderState.RETURNED})
"""States in which nothing more is expected to happen."""

OPEN = frozenset({OrderState.PLACED, OrderState.PACKED})
"""States in which stock is reserved, and money is held or awaited."""

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # https://www.crockford.com/base32.html
_PAIRS = tuple(first + second for first in _CROCKFORD for second in _CROCKFORD)
_READ = {letter: value for value, letter in enumerate(_CROCKFORD)} | {"O": 0, "I": 1, "L": 1}


def advance(
    state: OrderState, step: Step, payment: PaymentState = PaymentState.HELD
) -> tuple[OrderState, PaymentState]:
    """Where `step` leads from `state`. Raises WrongState, and PaymentPending: an order that waits for a card can only be
    cancelled."""
    starts, after, paid = STEPS[step]
    if state not in starts:
        raise WrongState(f"This order is {state.word} already.", state=state.word, step=step.value)
    if payment is PaymentState.PENDING and step is not Step.CANCEL:
        raise PaymentPending("This order waits for its payment.", step=step.value)
    return after, paid


def can(state: OrderState, step: Step, payment: PaymentState = PaymentState.HELD) -> bool:
    """Whether `step` may be taken from `state`."""
    return state in STEPS[step][0] and (payment is not PaymentState.PENDING or step is Step.CANCEL)


def code_of(state: OrderState) -> str:
    """What the timeline calls reaching `state`."""
    return f"orders.{state.word}"


def number(order_id: UUID) -> str:
    """The number people read out: "H-7F3K-2Q9D", the last 40 bits of the id, all random in a UUIDv7, in Crockford's base 32."""
    bits = order_id.int
    first = _PAIRS[bits >> 30 & 1023] + _PAIRS[bits >> 20 & 1023]
    return f"H-{first}-{_PAIRS[bits >> 10 & 1023]}{_PAIRS[bits & 1023]}"


def read_number(text: str) -> str | None:
    """The last ten hexadecimal digits of the ids with this number, however it was typed; None when it is no number."""
    letters = text.upper().removeprefix("H-").replace("-", "").replace(" ", "")
    if len(letters) != 8 or any(letter not in _READ for letter in letters):
        return None
    bits = 0
    for letter in letters:
        bits = bits << 5 | _READ[letter]
    return f"{bits:010x}"
