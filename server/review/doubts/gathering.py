"""Reading what the rules look at: a fixed number of queries, however many files and versions a record has."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import case as when
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from forms import Answers, Geopoint
from forms.geodesy import LicencePolygon
from server.access import Actor, region_bounds, within
from server.accounts.models import Person
from server.clock import CHINA
from server.db import Json
from server.evidence import resembling
from server.evidence.models import MediaLink, MediaObject
from server.inspections import service as inspections
from server.inspections.models import Record, Revision, Task
from server.problems import RevisionNotFound
from server.registry import service as registry
from server.registry.models import InspectedObject, LicenceKind
from server.review.doubts import limits, neighbours
from server.review.doubts.case import Case, Counting, Measured, Seen, Use, Version
from server.review.doubts.photos import is_captured, is_photo
from sync import Revision as Sealed
from sync import read_revision


def gather(session: Session, actor: Actor, record: Record, rev: str) -> Case:
    """Read one version of a record for somebody who reviews it. Raises RevisionNotFound if it is not the record's."""
    versions = inspections.revisions_of(session, record.id)
    shown = next((each for each in versions if each.rev == rev), None)
    if shown is None:
        raise RevisionNotFound()
    sealed = read_revision(shown.data)
    task = session.get_one(Task, record.task_id)
    answers = inspections.answers_of(session, shown)
    kinds = _kinds(answers)
    facts = _facts(session, {entry.sha256 for entry in sealed.media})
    seen = [Seen(entry, kinds.get(entry.name), facts.get(entry.sha256, {})) for entry in sealed.media]
    uses, alike = _elsewhere(session, actor, record, seen)
    return Case(
        sealed=sealed,
        seen=seen,
        versions=[_version(each) for each in versions],
        opens_at=_midnight(task.opens_on),
        ends_at=_midnight(task.due_on + timedelta(days=1)),
        place=_place(session, task),
        uses=uses,
        alike=alike,
        counting=_counting(session, actor, record, versions),
        measured=_measured(sealed, answers),
        stay=neighbours.stay_of(answers.flat_as_json()),
        beside=neighbours.beside(session, actor, record, versions),
        written=neighbours.written_by_hand(answers),
        as_registered=neighbours.as_registered(answers),
    )


def _measured(sealed: Sealed, answers: Answers) -> list[Measured]:
    """Find the answers that are told to be means; a mean that no answer is any more is nothing to ask about."""
    fixes = {each.answer: each.fixes for each in sealed.measurements}
    found = []
    for answer in answers if fixes else ():
        beginning = " ".join(answer.text.split(" ")[:2])
        if isinstance(answer.value, Geopoint) and beginning in fixes:
            label = answer.question.labels.get("zh") or answer.question.name
            row = "".join(re.findall(r"\[\d+\]", answer.path))
            found.append(Measured(answer.path, f"{label}{row}", answer.value, fixes[beginning]))
    return found


def _counting(session: Session, actor: Actor, record: Record, versions: Iterable[Revision]) -> Counting:
    lowest, highest = region_bounds(actor.region)
    return Counting(
        places=inspections.places_of(session, record.id),
        twins=[
            (twin, twin.region is None or lowest <= twin.region <= highest)
            for twin in inspections.twins_of(session, record.id)
        ],
        reuses=inspections.reuses_of(session, [each.rev for each in versions]),
    )


def _kinds(answers: Answers) -> dict[str, str]:
    return {expected.name: expected.kind for expected in answers.media()}


def _facts(session: Session, shas: Collection[str]) -> dict[str, Json]:
    rows = session.execute(select(MediaObject.sha256, MediaObject.facts).where(MediaObject.sha256.in_(shas)))
    return {row.sha256: row.facts for row in rows}


def _version(revision: Revision) -> Version:
    return Version(
        rev=revision.rev,
        flags=revision.flags,
        clock=revision.clock or {},
        wall=revision.wall_time,
        received_at=revision.received_at,
        shas=frozenset(entry["sha256"] for entry in revision.media),
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, CHINA)


def _place(session: Session, task: Task) -> LicencePolygon | tuple[float, float] | None:
    """Return the licensed area of a task's object, or where it is, as far as the register knows."""
    found = session.get_one(InspectedObject, task.object_id)
    mining = {LicenceKind.MINING.value: 0, LicenceKind.EXPLORATION.value: 1}
    licences = registry.licences_of(session, [found.id])
    held = [each for each in licences if each.kind in mining and each.ended_on is None]
    areas = (registry.polygon_of(each) for each in sorted(held, key=lambda each: mining[each.kind]))
    return next((area for area in areas if area is not None), None) or registry.position_of(found)


def _elsewhere(
    session: Session, actor: Actor, record: Record, seen: Iterable[Seen]
) -> tuple[Mapping[str, Sequence[Use]], Mapping[str, Sequence[tuple[Use, float]]]]:
    """Find the other records in which these files, or photos like them, are; those alike of other visits only."""
    captured = {each.entry.sha256 for each in seen if is_captured(each.entry.type)}
    alike = resembling.find_alike(session, {each.entry.sha256 for each in seen if is_photo(each)})
    others = {each.other for each in alike} - captured
    uses = _uses(session, actor, record.id, captured | others)
    near: dict[str, list[tuple[Use, float]]] = defaultdict(list)
    for each in alike:
        for use in uses.get(each.other, ()):
            if use.task_id != record.task_id and each.other not in captured:
                near[each.sha256].append((use, each.difference))
    nearest = {
        sha256: sorted(several, key=lambda each: (not each[0].visible, each[1]))[: limits.MOST_USES]
        for sha256, several in near.items()
    }
    return {sha256: uses[sha256] for sha256 in captured if sha256 in uses}, nearest


def _uses(session: Session, actor: Actor, record_id: UUID, shas: Collection[str]) -> dict[str, list[Use]]:
    """List for each file the first uses in other records, those that the actor may see before the others."""
    first = (
        select(
            MediaLink.sha256,
            MediaLink.name,
            MediaLink.record_id,
            Revision.received_at,
            func.row_number()
            .over(
                partition_by=[MediaLink.sha256, MediaLink.record_id],
                order_by=[Revision.received_at, MediaLink.rev, MediaLink.name],
            )
            .label("nth"),
        )
        .join(Revision, Revision.rev == MediaLink.rev)
        .where(MediaLink.sha256.in_(shas), MediaLink.record_id != record_id)
        .subquery()
    )
    listed = (
        select(
            first.c.sha256,
            first.c.name,
            first.c.record_id,
            first.c.received_at,
            Record.region,
            Record.task_id,
            Task.number,
            Person.name.label("author"),
            func.row_number()
            .over(
                partition_by=first.c.sha256,
                order_by=[when((within(actor, Record.region), 0), else_=1), first.c.received_at, Record.id],
            )
            .label("place"),
        )
        .join(Record, Record.id == first.c.record_id)
        .join(Task, Task.id == Record.task_id)
        .join(Person, Person.id == Record.author_id)
        .where(first.c.nth == 1)
        .subquery()
    )
    lowest, highest = region_bounds(actor.region)
    found: dict[str, list[Use]] = defaultdict(list)
    query = select(listed).where(listed.c.place <= limits.MOST_USES).order_by(listed.c.sha256, listed.c.place)
    for row in session.execute(query):
        use = Use(
            sha256=row.sha256,
            name=row.name,
            record_id=row.record_id,
            task_id=row.task_id,
            task_number=row.number,
            author=row.author,
            received_at=row.received_at,
            visible=lowest <= row.region <= highest,
        )
        found[row.sha256].append(use)
    return found
