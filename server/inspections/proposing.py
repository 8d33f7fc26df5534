"""The merge proposal that the lead inspector (主检) reads, and the draft that choices come to."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms import (
    Answers,
    MergedInstance,
    PlaceKind,
    UnreadableInstance,
    compare_forms,
    complete_instance,
    lost_answers,
    parse_instance,
    read_answers,
    write_merged,
)
from forms.xpath import BudgetSpentError
from server import clock
from server.access import Actor
from server.accounts.models import Person
from server.checklists import service as checklists
from server.clock import CHINA
from server.db import Json, JsonList
from server.inspections.departments import section_of_author
from server.inspections.merge_view import in_order, place_as_json, unread_as_json, values_as_json
from server.inspections.merging import Merging, merging_of
from server.inspections.models import Assignment, Attestation, Record, Task
from server.inspections.prefill import prefill_tasks
from server.inspections.reviewing import visible_record
from server.inspections.tasks import assignments_of, lead_of
from server.problems import RecordMergeUnusable, RecordNotConflicted, RecordVersionsDiffer
from sync import RecordState


@dataclass(frozen=True)
class Choices:
    """What a person chose: for a clash a head, by path; or an answer that no head has, as the form writes it."""

    heads: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class _Conflict:
    """A record in conflict with its people."""

    record: Record
    merging: Merging
    people: list[Assignment]

    @property
    def lead(self) -> UUID | None:
        return lead_of(self.people)


def show_merge(session: Session, actor: Actor, record_id: UUID) -> Json:
    """Write the whole proposal for a record in conflict, for whoever may see it. Raises RecordNotConflicted."""
    conflict = _conflict(session, actor, record_id)
    record, merging = conflict.record, conflict.merging
    proposal, differ = merging.proposal, merging.beside.form is None
    unread = unread_as_json(merging)
    resolution = None if proposal.clashes or differ else _draft_or_none(session, conflict)
    return {
        "record": record.id,
        "task": record.task_id,
        "form": record.form_id,
        "lead": conflict.lead,
        "may_resolve": conflict.lead == actor.person_id,
        "heads": _heads(session, conflict),
        "more_heads": merging.more_heads,
        "bases": proposal.bases,
        "versions_differ": differ,
        "form_changes": _form_changes(session, merging) if differ else [],
        "automatic": [
            place_as_json(merging, each.path) | {"change": each.change.value, "heads": each.heads}
            for each in in_order(merging, proposal.automatic)
        ],
        "clashes": [
            place_as_json(merging, clash.path)
            | {"kind": "versions_differ" if differ else clash.kind.value, "heads": clash.heads}
            for clash in in_order(merging, proposal.clashes)
        ],
        "repeats": [
            {"path": path, "matched": matching.value} for path, matching in merging.beside.matched.items()
        ],
        "left_out": [
            {"path": path, "titles": place.titles, "values": values_as_json(merging, place, merging.heads)}
            for path, place in merging.beside.left_out.items()
        ],
        "unread": unread,
        "resolution": resolution,
        "one_tap": resolution is not None and not resolution["lost"] and not unread,
    }


def draft_merge(session: Session, actor: Actor, record_id: UUID, choices: Choices) -> Json:
    """Write the version that choices come to, for a person to look at, complete and seal. Nothing is stored.

    Raises RecordNotConflicted, RecordVersionsDiffer, and RecordMergeUnusable with the paths that are not chosen, or
    that were chosen and are nothing to choose.
    """
    conflict = _conflict(session, actor, record_id)
    merging = conflict.merging
    if merging.beside.form is None:
        raise RecordVersionsDiffer()
    clashes = {clash.path: clash.heads for clash in merging.proposal.clashes}
    places = merging.beside.places
    wrong = {path for path, head in choices.heads.items() if head not in clashes.get(path, ())}
    wrong |= {
        path for path in choices.answers if path not in places or places[path].kind is not PlaceKind.ANSWER
    }
    wrong |= clashes.keys() - choices.heads.keys() - choices.answers.keys()
    if wrong:
        raise RecordMergeUnusable(paths=sorted(wrong))
    # Where an answer was written it does not matter whose stands below it.
    chosen = {path: choices.heads.get(path, heads[0]) for path, heads in clashes.items()}
    try:
        return _draft(session, conflict, chosen, choices.answers)
    except UnreadableInstance as error:
        raise RecordMergeUnusable(error.message, error.message_en, paths=[]) from error


def _conflict(session: Session, actor: Actor, record_id: UUID) -> _Conflict:
    record = visible_record(session, actor, record_id)
    if record.state != RecordState.CONFLICTED:
        raise RecordNotConflicted(state=record.state)
    return _Conflict(record, merging_of(session, record), assignments_of(session, [record.task_id]))


def _draft_or_none(session: Session, conflict: _Conflict) -> Json | None:
    """Write the draft where nothing is to choose; None where the rows of all together are too many for a record."""
    try:
        return _draft(session, conflict, {}, {})
    except UnreadableInstance:
        return None


def _draft(
    session: Session, conflict: _Conflict, chosen: Mapping[str, str], texts: Mapping[str, str]
) -> Json:
    """Write the version that comes of a proposal, computed anew, on top of the lead's own where there is one."""
    merging, form = conflict.merging, conflict.merging.beside.form
    heads = sorted(merging.heads, key=lambda head: merging.read[head].row.author_id != conflict.lead)
    instance = merging.read[heads[0]].instance
    written = write_merged(merging.beside, heads, instance, merging.proposal.sources(chosen), texts)
    if written.unwritten:
        raise RecordMergeUnusable(paths=sorted(written.unwritten))
    assert form is not None, "write_merged refuses versions of different forms"
    merged = read_answers(form, parse_instance(written.xml))
    task = session.get_one(Task, conflict.record.task_id)
    section = section_of_author(session, task.id, merging.read[heads[0]].row.author_id)
    lists = prefill_tasks(session, [task])[task.id].lists_for(section.id if section else None)
    try:
        xml = complete_instance(
            form,
            written.xml,
            now=clock.now().astimezone(CHINA),
            lists=lists,
        )
    except BudgetSpentError:
        xml = written.xml  # the phone computes without a budget
    completed = read_answers(form, parse_instance(xml))
    return {
        "parents": merging.heads,
        "onto": heads[0],
        "form_version": form.version,
        "xml": xml.decode("utf-8"),
        "media": _media(merging, written, completed),
        "lost": [each.as_json() for each in lost_answers(merged, completed)],
    }


def _media(merging: Merging, written: MergedInstance, completed: Answers) -> JsonList:
    """List the files that the draft names, each as the version it is from has it in its bytes."""
    entries = {
        (rev, entry["name"]): entry
        for rev in {source for source, _ in written.files.values()}
        for entry in json.loads(merging.read[rev].row.data)["media"]
    }
    named = dict.fromkeys(each.name for each in completed.media())
    sources = {name: written.files[name] for name in named if name in written.files}
    return [{**entries[source], "name": name} for name, source in sources.items() if source in entries]


def _form_changes(session: Session, merging: Merging) -> JsonList:
    """Tell what changes from one form version of the heads to the next, in the order they were published."""
    rows = [merging.read[head].row for head in merging.heads]
    known = checklists.known(session, {(row.form_id or "", row.form_version or "") for row in rows})
    forms = [checklists.read(row) for row in sorted(known.values(), key=lambda row: row.published_at)]
    return [compare_forms(older, newer).as_json() for older, newer in pairwise(forms)]


def _heads(session: Session, conflict: _Conflict) -> JsonList:
    rows = [conflict.merging.read[head].row for head in conflict.merging.heads]
    roles = {each.person_id: each.role for each in conflict.people}
    signed = session.scalars(select(Attestation).where(Attestation.rev.in_(conflict.merging.heads))).all()
    names = _names(session, {row.author_id for row in rows} | {each.person_id for each in signed})
    return [
        {
            "rev": row.rev,
            "author": {"id": row.author_id, "name": names[row.author_id], "role": roles.get(row.author_id)},
            "received_at": row.received_at,
            "wall_time": row.wall_time,
            "clock": row.clock,
            "form_version": row.form_version,
            "evidence_level": row.evidence_level,
            "status": row.status,
            "flags": row.flags,
            "attestations": [
                {"role": each.role, "person": names[each.person_id], "valid": each.valid}
                for each in signed
                if each.rev == row.rev
            ],
        }
        for row in rows
    ]


def _names(session: Session, ids: Iterable[UUID]) -> dict[UUID, str]:
    return {
        row.id: row.name for row in session.execute(select(Person.id, Person.name).where(Person.id.in_(ids)))
    }
