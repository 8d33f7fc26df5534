"""What one phone brought before and after: two range scans along its numbers, and the files of what they find."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, union
from sqlalchemy.orm import Session

from forms import Answers, Geopoint, QuestionKind
from forms.values import value_as_json
from server.access import Actor, region_bounds
from server.clock import CHINA
from server.db import Json
from server.evidence.models import MediaLink
from server.inspections.models import Record, Revision, Task
from server.registry.models import InspectedObject
from server.review.doubts import limits
from server.review.doubts.case import Beside, Stay
from sync import Position

_BEGINS, _ENDS, _MODE = "/data/visit/start_at", "/data/statement/end_at", "/data/visit/mode"
_TEXTS: Final = frozenset({QuestionKind.STRING, QuestionKind.DECIMAL, QuestionKind.GEOPOINT})


def stay_of(answers: Mapping[str, Any]) -> Stay | None:
    """Read from when to when an inspection lasted, of answers as JSON by path; None where the form does not ask it."""
    begins, ends = (_moment(answers.get(path)) for path in (_BEGINS, _ENDS))
    if begins is None or ends is None:
        return None
    return Stay(begins, ends, "on_site" in (answers.get(_MODE) or ()))


def written_by_hand(answers: Answers) -> Json:
    """Choose what a person wrote or measured of their own: no choices, nothing that the form or the task knew."""
    return {
        path: value_as_json(value)
        for path, question, text, value in answers.given
        if value is not None
        and question.kind in _TEXTS
        and question.calculate is None
        and question.preload is None
        and question.appearance != "signature"
        and len(text) >= limits.SHORTEST_WRITTEN
    }


def as_registered(answers: Answers) -> list[tuple[str, str]]:
    """Find measured positions that equal, digit for digit, a registered one that the form looked up in the same row."""
    known = {
        (path.rpartition("/")[0], _rounded(*text.split()[:2]))
        for path, question, text, _ in answers.given
        if question.calculate is not None and len(text.split()) >= 2 and _is_place(text)
    }
    return [
        (path, f"{question.labels.get('zh') or question.name}{path[path.find('[') : path.find(']') + 1]}")
        for path, question, _, value in answers.given
        if isinstance(value, Geopoint)
        and question.calculate is None
        and (path.rpartition("/")[0], _rounded(value.latitude, value.longitude)) in known
    ]


def beside(session: Session, actor: Actor, record: Record, versions: Sequence[Revision]) -> list[Beside]:
    """Read the records of other objects that the phone of a record's first version brought just before and after it."""
    first = versions[0]
    if first.device_id is None or first.dev_seq is None:
        return []
    mine = (Revision.device_id == first.device_id, Revision.author_id == first.author_id)
    place = select(Revision.rev, Revision.dev_seq).where(*mine, Revision.record_id != record.id)
    before = place.where(Revision.dev_seq < first.dev_seq).order_by(Revision.dev_seq.desc())
    after = place.where(Revision.dev_seq > first.dev_seq).order_by(Revision.dev_seq)
    near = union(
        select(before.limit(limits.BESIDE).subquery().c.rev),
        select(after.limit(limits.BESIDE).subquery().c.rev),
    ).subquery()
    object_id = select(Task.object_id).where(Task.id == record.task_id).scalar_subquery()
    rows = session.execute(
        select(
            Revision.rev,
            Revision.record_id,
            Revision.form_id,
            Revision.position,
            Revision.answers,
            Record.region,
            Task.number,
            InspectedObject.name.label("object_name"),
        )
        .join(near, near.c.rev == Revision.rev)
        .join(Record, Record.id == Revision.record_id)
        .join(Task, Task.id == Record.task_id)
        .join(InspectedObject, InspectedObject.id == Task.object_id)
        .where(Task.object_id != object_id)
        .order_by(Revision.dev_seq, Revision.rev)
    ).all()
    of_files = _fixes_of_files(session, [row.rev for row in rows])
    lowest, highest = region_bounds(actor.region)
    found: dict[UUID, Beside] = {}
    for row in rows:  # of several versions of one record the newest stays
        answers = row.answers or {}
        found[row.record_id] = Beside(
            record_id=row.record_id,
            task_number=row.number,
            object_name=row.object_name,
            visible=lowest <= row.region <= highest,
            stay=stay_of(answers),
            positions=[*_positions(row.position), *of_files.get(row.rev, ())],
            answers=answers if row.form_id == record.form_id else {},
        )
    return list(found.values())


def _fixes_of_files(session: Session, revs: Sequence[str]) -> Mapping[str, Sequence[Position]]:
    """Read where and when the files of some versions were captured."""
    found: dict[str, list[Position]] = defaultdict(list)
    if revs:
        links = select(MediaLink.rev, MediaLink.captured_at, MediaLink.position).where(
            MediaLink.rev.in_(revs)
        )
        for rev, captured_at, told in session.execute(links.where(MediaLink.captured_at.is_not(None))):
            found[rev] += _positions(told, captured_at)
    return found


def _positions(told: Json | None, captured_at: datetime | None = None) -> Iterable[Position]:
    if told is None:
        return
    at = datetime.fromisoformat(told["at"]) if told.get("at") else captured_at
    if at is not None:
        yield Position(told["latitude"], told["longitude"], told.get("accuracy"), at=at)


def _moment(told: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(told)
    except (TypeError, ValueError):  # not answered, or by a program that does not know the form
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=CHINA)


def _is_place(text: str) -> bool:
    try:
        latitude, longitude = (float(each) for each in text.split()[:2])
    except ValueError:
        return False
    return abs(latitude) <= 90 and abs(longitude) <= 180 and not latitude.is_integer()


def _rounded(latitude: float | str, longitude: float | str) -> tuple[float, float]:
    return (
        round(float(latitude), limits.AS_REGISTERED_DECIMALS),
        round(float(longitude), limits.AS_REGISTERED_DECIMALS),
    )
