"""The cast: people who drive the system through its real doors. Every test speaks through them."""

from tests.actors.cast import Cast
from tests.actors.client import Client

__all__ = ["Cast", "Client"]
