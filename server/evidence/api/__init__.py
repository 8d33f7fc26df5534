"""Media over HTTP: resumable uploads (tus 1.0), how far a file has come, reading it back."""

from server.evidence.api import reading, uploads  # noqa: F401 - their views belong to the blueprint
from server.evidence.api.blueprint import blp

__all__ = ["blp"]
