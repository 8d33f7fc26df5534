"""Publicity over HTTP: what everybody reads, and what publishers do."""

from server.publicity.api import publishing, reading
from server.publicity.api.blueprint import blp, public_blp

__all__ = ["blp", "public_blp", "publishing", "reading"]
