"""抽查基数: how many objects were in the frames that a planned inspection was drawn from."""

import json
import zlib
from collections import Counter
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.draws.models import STANDING, Ceremony, CeremonyKind


def bases_of(session: Session, planned_ids: Collection[UUID]) -> dict[UUID, int]:
    """Count the objects in the standing frames of planned inspections; what a platform drew has no frame here.

    Frames are read one after the other, because a province's are large.
    """
    query = select(Ceremony.planned_id, Ceremony.frame).where(
        Ceremony.planned_id.in_(planned_ids),
        Ceremony.state.in_(STANDING),
        Ceremony.kind.in_([CeremonyKind.FULL.value, CeremonyKind.OBJECTS.value]),
        Ceremony.frame.is_not(None),
    )
    found: Counter[UUID] = Counter()
    for planned_id, frame in session.execute(query.execution_options(yield_per=10)):
        found[planned_id] += len(json.loads(zlib.decompress(frame or b""))["objects"])
    return dict(found)
