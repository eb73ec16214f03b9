"""The door of mails about orders."""

from halles.journeys.order_letters.reactions import QueueLetters
from halles.journeys.order_letters.sending import measure_letters, send_due

__all__ = ["QueueLetters", "measure_letters", "send_due"]
