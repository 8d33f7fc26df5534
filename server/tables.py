"""Every room's tables, loaded together: migrations and tests want the whole database."""

from server import audit, feed
from server.accounts import models as accounts
from server.checklists import models as checklists
from server.evidence import models as evidence
from server.exchange import models as exchange
from server.inspections import models as inspections
from server.planning import models as planning
from server.registry import models as registry

ALL = [audit, feed, accounts, registry, planning, evidence, checklists, inspections, exchange]
