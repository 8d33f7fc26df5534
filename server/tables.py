"""Every room's tables, loaded together: migrations and tests want the whole database."""

from server import audit, feed, jobs, messages
from server.accounts import models as accounts
from server.checklists import models as checklists
from server.complaints import models as complaints
from server.documents import models as documents
from server.draws import models as draws
from server.evidence import models as evidence
from server.exchange import models as exchange
from server.health import models as health
from server.inspections import models as inspections
from server.notary import models as notary
from server.openrosa import models as openrosa
from server.planning import models as planning
from server.platform import models as platform
from server.publicity import models as publicity
from server.registry import models as registry
from server.reports import models as reports
from server.results import models as results
from server.review import models as review

ALL = [
    audit,
    feed,
    jobs,
    messages,
    notary,
    accounts,
    registry,
    planning,
    evidence,
    checklists,
    inspections,
    exchange,
    complaints,
    openrosa,
    draws,
    review,
    results,
    publicity,
    platform,
    documents,
    reports,
    health,
]
