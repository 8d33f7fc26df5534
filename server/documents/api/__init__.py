"""Documents over HTTP."""

from server.documents.api import case_files, checking, making, templates
from server.documents.api.blueprint import blp, public_blp

__all__ = ["blp", "case_files", "checking", "making", "public_blp", "templates"]
