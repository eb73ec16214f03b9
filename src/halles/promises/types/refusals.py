"""What promises refuse."""

from halles.kernel.errors import Conflict, Invalid, NotFound, Unavailable


class NoLane(Unavailable):
    """No lane leads from where the goods are to where the shopper is."""

    status = 409
    code, title = "promises.no_lane", "No delivery to this country"


class PromiseChangedMeanwhile(Conflict):
    """The date that can be kept is later than the one the shopper saw."""

    code, title = "promises.changed", "The delivery date changed"


class BadLane(Invalid):
    """A lane that nothing could travel on: legs missing, twice or out of order, days or a time zone that do not exist."""

    code, title = "promises.bad_lane", "Not a lane"


class NoSuchLane(NotFound):
    """The seller has no lane, carrier or hub of this id."""

    code, title = "promises.no_such_lane", "No such lane"


class NoSuchShipment(NotFound):
    """No parcel has this id, or it is not the caller's to see."""

    code, title = "promises.no_such_shipment", "No such parcel"


class BadTracking(Invalid):
    """An event that cannot have happened: in the future, before the order, or of an unknown step."""

    code, title = "promises.bad_tracking", "Not a tracking event"


class TrackingIdReused(Conflict):
    """An event, or a parcel, was told under this id with another content."""

    code, title = "promises.id_reused", "This id was used already"


class BadHistory(Invalid):
    """A line of a delivery history that cannot be read."""

    code, title = "promises.bad_history", "Not a delivery history"


class BadCalendar(Invalid):
    """Holidays of no country, without a name, or of a range that ends before it begins."""

    code, title = "promises.bad_calendar", "Not days of a calendar"


class LaneChangedMeanwhile(Conflict):
    """Somebody changed the lane since it was read, or made it already."""

    code, title = "promises.lane_changed", "The lane changed meanwhile"


class StillUsed(Conflict):
    """A hub or a carrier that a leg of a lane still needs. `lanes`: which."""

    code, title = "promises.still_used", "A lane still needs it"
