"""Reports over HTTP: freeze, ask the frozen, take it away."""

from server.reports.api import files, reading, taking
from server.reports.api.blueprint import blp

__all__ = ["blp", "files", "reading", "taking"]
