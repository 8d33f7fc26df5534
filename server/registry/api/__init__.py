"""Lists and libraries over HTTP: objects, inspectors, item lists and their published versions."""

from server.registry.api import imports, licences, lists, maintenance, objects, people, published  # noqa: F401 - their views belong to the blueprints
from server.registry.api.blueprint import blp, public_blp

__all__ = ["blp", "public_blp"]
