"""Stock ODK phones over HTTP: the wire they speak, and the keys they are given."""

from server.openrosa.api import giving, wire
from server.openrosa.api.announcing import Announcing
from server.openrosa.api.blueprint import blp
from server.openrosa.api.wire import pages

__all__ = ["Announcing", "blp", "giving", "pages", "wire"]
