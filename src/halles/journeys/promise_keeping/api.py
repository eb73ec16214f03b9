"""The door of keeping promises."""

from halles.journeys.promise_keeping.looking import learn, look_again, look_at
from halles.journeys.promise_keeping.notices import TellShopper
from halles.journeys.promise_keeping.parcels import Heard, hear
from halles.journeys.promise_keeping.reactions import LookAtAdvanced, note_placed

__all__ = ["Heard", "LookAtAdvanced", "TellShopper", "hear", "learn", "look_again", "look_at", "note_placed"]
