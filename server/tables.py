"""Every room's tables, loaded together: migrations and tests want the whole database."""

from server import audit, feed
from server.accounts import models as accounts
from server.evidence import models as evidence

ALL = [audit, feed, accounts, evidence]
