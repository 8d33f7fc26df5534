"""Annual plans over HTTP: `blp` for who signed in, `public_blp` for everybody."""

from server.planning.api import amendments, documents, intakes, overlaps, plans, rows, rules
from server.planning.api.blueprint import blp, public_blp

__all__ = ["amendments", "blp", "documents", "intakes", "overlaps", "plans", "public_blp", "rows", "rules"]
