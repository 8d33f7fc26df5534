"""Every room's tables, loaded together: migrations and tests want the whole database."""

from server import audit, feed
from server.accounts import models as accounts

ALL = [audit, feed, accounts]
