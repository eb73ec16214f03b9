"""Every column of the product that can say who somebody is, as the capabilities declare them; and the kernel's."""

from __future__ import annotations

from collections.abc import Sequence

from halles.flash.api import people as flash
from halles.identity.api import closing as identity
from halles.inventory.api import people as inventory
from halles.kernel.personal import Fate, Held
from halles.orders.api import people as orders
from halles.payments.api import people as payments
from halles.promises.api import people as promises
from halles.vision.api import people as vision
from halles.visits import types as visits
from halles.wallet.api import people as wallet
from halles.welcome.api import people as welcome

_STAFF = "which of the staff planned it, by number"

HELD: Sequence[Held] = (
    *identity.HELD,
    *orders.HELD,
    *wallet.HELD,
    *payments.HELD,
    *promises.HELD,
    *inventory.HELD,
    *flash.HELD,
    *welcome.HELD,
    *visits.HELD,
    *vision.HELD,
    Held("assortments.scenario.made_by", Fate.KEPT, _STAFF, given=False),
    Held("assortments.scenario.approved_by", Fate.KEPT, _STAFF, given=False),
    Held(
        "kernel.command.scope", Fate.EXPIRES, "answers to commands are deleted after seven days", given=False
    ),
    Held(
        "kernel.command.body", Fate.EXPIRES, "answers to commands are deleted after seven days", given=False
    ),
    Held("kernel.outbox.body", Fate.EXPIRES, "events are deleted when they are delivered", given=False),
    Held("kernel.parcel.events", Fate.EXPIRES, "events are deleted when they are delivered", given=False),
    Held("kernel.outgoing.events", Fate.EXPIRES, "events are deleted when they are delivered", given=False),
    Held("kernel.lease.address", Fate.APART, "where a process listens", given=False),
    Held("kernel.member.address", Fate.APART, "where a process listens", given=False),
)
