"""Reading one revision and saying what is odd about it. Nothing is refused: the worst is quarantine."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from forms import (
    Answers,
    Finding,
    FindingKind,
    Form,
    ListTable,
    Question,
    UnreadableInstance,
    examine,
    parse_instance,
)
from forms.positions import judge_positions
from server.access import region_bounds
from server.checklists import service as checklists
from server.clock import CHINA, iso
from server.db import Json
from server.inspections.desk import Desk
from server.inspections.models import EvidenceLevel, Record, Task, TaskState
from server.inspections.prefill_rows import PASSING
from server.inspections.signatures import Signatures, signatures_of
from sync import ALGORITHM, ClockInterval, PushItem, UnreadableRevision, clock_interval, verify
from sync import Revision as Sealed

LATE = frozenset({"task_withdrawn", "task_reassigned", "not_assigned", "task_done", "late_addendum"})
"""Flags of work that came when it was no longer, or never, asked for."""

BASE_UNKNOWN, BASE_STALE = "base.unknown", "base.stale"
"""Why an edit from a stock ODK phone is held: what it replaces has not come, or is no longer what stands."""

MOST_FINDINGS = 500


class Quarantined(Exception):
    """The revision can be no part of a record; its bytes stay. `reason` is a stable `noun.reason` code."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass
class Judged:
    """A revision that can be part of its record, with everything there is to say about it."""

    sealed: Sealed
    task: Task
    record: Record | None
    answers: Answers
    findings: list[Finding]
    signatures: Signatures
    interval: ClockInterval
    flags: list[str] = field(default_factory=list)


def judge(desk: Desk, item: PushItem, level: EvidenceLevel) -> Judged:
    """Judge a revision; raises Quarantined."""
    sealed = desk.sealed[item.rev or ""]
    if isinstance(sealed, UnreadableRevision):
        raise Quarantined(sealed.code)
    flags = signature_flags(desk, item, level)
    flags += _judge_admission(desk, sealed, level) if desk.admission else _judge_author(desk, sealed)
    task = desk.tasks.get(desk.task_id_of(item.rev or "") or sealed.task)
    if task is None:
        raise Quarantined("task.unknown")
    if task.id != sealed.task:
        flags.append("task_bound")
    record = desk.records.get(sealed.record)
    flags += _judge_assignment(desk, task, record)
    row = desk.forms.get((sealed.form, sealed.form_version))
    if row is None:
        raise Quarantined("form.version-unknown")
    if record is not None and record.form_id != sealed.form:
        raise Quarantined("record.form-differs")
    if desk.admission is None and (objection := desk.objections.get(item.rev or "")):
        raise Quarantined(objection)
    if sealed.form not in task.forms:
        flags.append("form_not_of_task")
    flags += desk.counters.flags(item.rev or "", sealed)
    interval = clock_interval(
        sealed.time,
        desk.received_at,
        beacon=desk.beacon(sealed.time.beacon),
        previous_wall=desk.wall_before(sealed.device, sealed.dev_seq),
    )
    flags += interval.flags
    prefill = desk.prefills.get(task.id)
    answers, findings = _judge_answers(
        checklists.read(row), sealed, completed_at(sealed, interval), _lists_of(desk, task, row.lists)
    )
    if prefill is not None:
        findings += judge_positions(answers, prefill.licensed)
    return Judged(sealed, task, record, answers, findings, signatures_of(answers), interval, flags)


def evidence_level(desk: Desk, item: PushItem) -> EvidenceLevel:
    """Say what vouches for an item's bytes: a key of this person, of the device that the bytes name."""
    if item.sig is None:
        return EvidenceLevel.UNSIGNED
    if item.alg != ALGORITHM:
        return EvidenceLevel.UNKNOWN_ALGORITHM
    key = desk.keys.get(item.key or "")
    sealed = desk.sealed.get(item.rev or "")
    of_device = not isinstance(sealed, Sealed) or (key is not None and key.device_id == sealed.device)
    if key is None or not of_device or not verify(key.jwk, item.data, item.sig):
        return EvidenceLevel.INVALID_SIGNATURE
    beacon = desk.beacon(sealed.time.beacon) if isinstance(sealed, Sealed) else None
    if key.life.is_outlived_by(beacon.at if beacon else None):
        return EvidenceLevel.INVALID_SIGNATURE
    return EvidenceLevel.SIGNED


def signature_flags(desk: Desk, item: PushItem, level: EvidenceLevel) -> list[str]:
    """Say what a reviewer should ask about an item's signature: that it does not hold, or how its key stands now."""
    told = {
        EvidenceLevel.INVALID_SIGNATURE: ["signature_invalid"],
        EvidenceLevel.UNKNOWN_ALGORITHM: ["algorithm_unknown"],
    }
    key = desk.keys.get(item.key or "")
    return [*told.get(level, ()), *(key.life.doubts(desk.received_at) if key else ())]


def interval_as_json(interval: ClockInterval) -> Json:
    """Write the moments between which a revision was sealed."""
    moments = {
        "not_before": interval.not_before,
        "not_after": interval.not_after,
        "estimate": interval.estimate,
    }
    return {name: iso(moment) if moment else None for name, moment in moments.items()}


def _judge_author(desk: Desk, sealed: Sealed) -> list[str]:
    """Whoever sends must be who sealed it, or hold what the author's key vouches for.

    Another phone of the same person may send what was recovered.
    """
    if sealed.author not in {str(desk.actor.person_id), desk.actor.name}:
        raise Quarantined("author.differs")
    if sealed.device not in desk.devices:
        raise Quarantined("device.unknown")
    if desk.relayed_by is not None:
        return ["relayed"]
    return [] if sealed.device == desk.actor.device_id else ["device_differs"]


def _judge_admission(desk: Desk, sealed: Sealed, level: EvidenceLevel) -> list[str]:
    """Flag what a supervisor lets pass: an unknown device, or another sender where the author's key vouches for it."""
    assert desk.admission is not None
    if desk.admission.is_foreign and level is not EvidenceLevel.SIGNED:
        raise Quarantined("author.differs")
    flags = ["admitted"]
    if desk.admission.is_foreign:
        flags.append("sent_by_other")
    if sealed.device not in desk.devices:
        flags.append("device_unknown")
    elif sealed.device != desk.actor.device_id and not desk.admission.is_foreign:
        flags.append("device_differs")
    return flags


def _judge_assignment(desk: Desk, task: Task, record: Record | None) -> list[str]:
    """Compare the task and the record with who sends. Ids made on phones are believed only so."""
    assignment = desk.assignment(task.id, desk.actor.person_id)
    first, last = region_bounds(desk.actor.region)
    is_admitted = desk.admission is not None
    if assignment is None and not is_admitted and not first <= task.region <= last:
        raise Quarantined("task.unknown")
    if record is not None and (record.task_id != task.id or (assignment is None and not is_admitted)):
        raise Quarantined("record.foreign")
    flags = []
    if assignment is None:
        flags.append("not_assigned")
    elif assignment.ended_at is not None:
        flags.append("task_reassigned")
    if task.state == TaskState.WITHDRAWN:
        flags.append("task_withdrawn")
    if task.state == TaskState.DONE and record is None:
        flags.append("task_done")
    if record is not None and record.final_rev is not None:
        flags.append("late_addendum")
    return flags


def completed_at(sealed: Sealed, interval: ClockInterval) -> datetime:
    """Say when the inspector completed a record: what `today()` and `now()` meant to its form.

    The phone's wall clock, which the form on the phone went by, but never outside the interval in which the
    revision must have been sealed; in the civil time of the country.
    """
    moment = min(sealed.time.wall, interval.not_after)
    if interval.not_before is not None:
        moment = max(moment, interval.not_before)
    return moment.astimezone(CHINA)


def _lists_of(desk: Desk, task: Task, names: Iterable[str]) -> Mapping[str, ListTable]:
    """Return the lists that a form draws on as the author saw them: in a joint visit those of the author's department."""
    prefill = desk.prefills.get(task.id)
    if prefill is None:
        return {}
    assignment = desk.assignment(task.id, desk.actor.person_id) if prefill.sections else None
    section = assignment.section_id if assignment else None
    tables = {name: prefill.list_named(name, section) for name in names}
    return {name: table for name, table in tables.items() if table is not None}


def _judge_answers(
    form: Form, sealed: Sealed, now: datetime, lists: Mapping[str, ListTable]
) -> tuple[Answers, list[Finding]]:
    try:
        instance = parse_instance(sealed.xml.encode("utf-8"))
        names = {entry.name for entry in sealed.media}
        examined = examine(form, instance, names, now=now, lists=lists)
    except UnreadableInstance as error:
        raise Quarantined(error.reason_code) from error
    findings = [finding for finding in examined.findings if not _is_passing(form, finding)]
    return examined.answers, findings[:MOST_FINDINGS]


def _is_passing(form: Form, finding: Finding) -> bool:
    """Say whether a value differs only because it was looked up in what stood in a phone's list for a while."""
    node = form.node(finding.path) if finding.kind is FindingKind.CALCULATE else None
    calculate = node.calculate if isinstance(node, Question) else None
    return calculate is not None and any(f"'{column}'" in calculate for column in PASSING)
