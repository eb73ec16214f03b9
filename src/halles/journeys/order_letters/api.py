"""The door of mails about orders."""

from halles.journeys.order_letters.reactions import QueueLetters
from halles.journeys.order_letters.sending import send_due

__all__ = ["QueueLetters", "send_due"]
