"""Sessions, people, devices, organisations and regions over HTTP."""

from server.accounts.api import organisations, people, sessions
from server.accounts.api.blueprint import blp

__all__ = ["blp", "organisations", "people", "sessions"]
