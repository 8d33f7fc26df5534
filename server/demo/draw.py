"""A draw of the demo bureau, from commitment to publication, for anybody to repeat: `/public/draws`."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import clock
from server.demo.loading import demo_actor
from server.draws.announcing import Announcement, announce
from server.draws.ceremonies import freeze, reveal
from server.draws.models import Ceremony, CeremonyKind
from server.draws.pairing import publish_ceremony
from server.draws.selection import Selection
from server.planning.models import PlannedInspection

PLANNED = "2023年度对测绘成果质量的监督检查"


def load_demo_draw(session: Session, key: bytes) -> Ceremony | None:
    """Draw surveyors and their inspectors, unless that was done before. Needs the plans; `key` seals the secret."""
    actor = demo_actor(session)
    planned = session.scalars(select(PlannedInspection).where(PlannedInspection.name == PLANNED)).one()
    if session.scalar(select(Ceremony.id).where(Ceremony.planned_id == planned.id).limit(1)):
        return None
    today = clock.today()
    days = (today + timedelta(days=7), today + timedelta(days=37))
    its = announce(session, actor, key, Announcement(CeremonyKind.FULL, *days, planned.id)).id
    # The plan is of 2023: nobody in the demo took last year's exam.
    freeze(session, actor, its, Selection(exam=False))
    reveal(session, actor, key, its)
    return publish_ceremony(session, actor, its)
