"""Results over HTTP, what follows them, and the calendars that their deadlines count by."""

from server.results.api import followups, results
from server.results.api.blueprint import blp

__all__ = ["blp", "followups", "results"]
