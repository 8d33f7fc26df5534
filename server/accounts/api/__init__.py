"""Sessions, people, devices, organisations and regions over HTTP."""

from server.accounts.api import organisations, people, phones, sessions
from server.accounts.api.blueprint import blp

__all__ = ["blp", "organisations", "people", "phones", "sessions"]
