"""The row of the plan that a ceremony draws for: it may be amended or withdrawn while the ceremony is under way."""

from typing import Any

from sqlalchemy.orm import Session

from server.draws.finding import frame_of
from server.draws.frame import plain
from server.draws.models import Ceremony
from server.planning.models import PlannedInspection
from server.problems import DrawUnusable


def row_of(session: Session, ceremony: Ceremony) -> PlannedInspection:
    """Return the row that a ceremony draws for, and hold it until the transaction ends.

    DrawUnusable where an amendment of the plan withdrew it, or changed what the frozen frame was made from.
    """
    planned = session.get_one(
        PlannedInspection, ceremony.planned_id, with_for_update=True, populate_existing=True
    )
    if planned.withdrawn_at is not None:
        raise DrawUnusable("该任务已经计划变更撤销", "an amendment of the plan withdrew it")
    if ceremony.frame:
        about = frame_of(ceremony)["about"]
        if any(about[name] != value for name, value in plain(words_of(planned)).items()):
            raise DrawUnusable("冻结底册后计划已变更", "the plan was amended after the frame was frozen")
    return planned


def words_of(planned: PlannedInspection) -> dict[str, Any]:
    """Take what decides who and what is drawn out of a row, as a frame says it."""
    return {
        "items": planned.items,
        "item_codes": planned.item_codes,
        "object_scope": planned.object_scope,
        "ratio": planned.ratio_text,
    }
