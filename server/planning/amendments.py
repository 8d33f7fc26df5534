"""Changing a published plan by procedure: proposed with a reason, approved by somebody else, published again (R31).

A change is written in the words of the plan and read as its table is. What a draw already stands on can't be
changed any more: only what is `OPEN` may.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require, within
from server.accounts.lateness import too_late
from server.db import Json
from server.planning.entering import values_of
from server.planning.launches import launched
from server.planning.models import AmendmentState, Plan, PlanAmendment, PlannedInspection, PlanState
from server.planning.ratio_texts import as_percent, parse_ratio
from server.planning.reading import PlannedDraft, read_texts
from server.planning.service import find_plan, rows_of
from server.planning.versions import publish_version
from server.planning.windows import Window, covers
from server.planning.wording import ratio_apart, said_by, texts_of
from server.planning.words import PARTICULARS, WORDS
from server.problems import (
    AmendmentLocked,
    AmendmentNotFound,
    AmendmentStage,
    AmendmentUnusable,
    PlanOwnWork,
    PlanStage,
)
from server.registry import service as registry

# What may still change once a draw is published; a window may only be made longer.
OPEN = frozenset({"name", "window", "cooperators"})
_RATIO = ("ratio", "ratio_text")
_COLUMNS = dict.fromkeys(PARTICULARS, ("particulars",)) | {
    "ratio": _RATIO,
    "frequency": _RATIO,
    "window": ("windows", "window_text", "chosen_time"),
    "items": ("items", "item_codes"),
    "initiator": ("initiator", "lead"),
}


def propose(
    session: Session, actor: Actor, plan_id: UUID, reason: str, changes: Sequence[Mapping[str, Any]]
) -> PlanAmendment:
    """Propose changes of a published plan; AmendmentUnusable and AmendmentLocked say for each what is wrong.

    A change is `{"action": "change", "planned": id, "set": {column: text}}`, `{"action": "add", "set": …}` or
    `{"action": "withdraw", "planned": id}`; columns are the keys of the layouts.
    """
    plan = find_plan(session, actor, plan_id)
    require(actor, Permission.PLAN_WRITE, plan)
    if plan.state != PlanState.PUBLISHED:
        raise PlanStage(state=plan.state, allowed=[PlanState.PUBLISHED.value])
    _read(session, plan, changes)
    amendment = PlanAmendment(
        plan_id=plan.id,
        region=plan.region,
        reason=reason,
        changes=[dict(change) for change in changes],
        proposed_at=clock.now(),
        proposed_by=actor.person_id,
    )
    session.add(amendment)
    session.flush()
    _note(session, actor, "amendment.proposed", amendment, {"reason": reason, "changes": amendment.changes})
    return amendment


def decide(
    session: Session, actor: Actor, amendment_id: UUID, *, approve: bool, answer: str, approval_no: str = ""
) -> PlanAmendment:
    """Approve or refuse a proposed amendment; PlanOwnWork: nobody approves their own."""
    amendment = find_amendment(session, actor, amendment_id)
    require(actor, Permission.PLAN_APPROVE, amendment)
    _check(amendment, AmendmentState.PROPOSED)
    if amendment.proposed_by == actor.person_id:
        raise PlanOwnWork()
    if approve:
        _read(session, session.get_one(Plan, amendment.plan_id), amendment.changes)
    state = AmendmentState.APPROVED if approve else AmendmentState.REFUSED
    amendment.state, amendment.answer, amendment.approval_no = state.value, answer, approval_no
    amendment.decided_at, amendment.decided_by = clock.now(), actor.person_id
    session.flush()
    _note(session, actor, f"amendment.{state}", amendment, {"answer": answer, "approval_no": approval_no})
    return amendment


def publish(session: Session, actor: Actor, amendment_id: UUID) -> PlanAmendment:
    """Carry out an approved amendment and publish the plan again; the version before stays readable.

    What was drawn since it was proposed is looked at again: AmendmentLocked.
    """
    amendment = find_amendment(session, actor, amendment_id)
    require(actor, Permission.PLAN_PUBLISH, amendment)
    _check(amendment, AmendmentState.APPROVED)
    plan = session.get_one(Plan, amendment.plan_id, with_for_update=True)
    _carry_out(session, plan, amendment.changes)
    version = publish_version(session, plan, amendment.reason)
    amendment.state, amendment.published_version = AmendmentState.PUBLISHED.value, version.number
    session.flush()
    details = {"plan": str(plan.id), "version": version.number, "sha256": version.sha256}
    _note(session, actor, "amendment.published", amendment, details)
    return amendment


def amendments_within(actor: Actor, plan_id: UUID) -> Select[PlanAmendment]:
    """Select the amendments of a plan of the jurisdiction."""
    require(actor, Permission.PLAN_READ)
    return select(PlanAmendment).where(PlanAmendment.plan_id == plan_id, within(actor, PlanAmendment.region))


def find_amendment(session: Session, actor: Actor, amendment_id: UUID) -> PlanAmendment:
    """Return an amendment of the jurisdiction, locked until the transaction ends; others are not found."""
    require(actor, Permission.PLAN_READ)
    here = within(actor, PlanAmendment.region)
    query = select(PlanAmendment).where(PlanAmendment.id == amendment_id, here).with_for_update()
    amendment = session.scalar(query)
    if amendment is None:
        raise AmendmentNotFound()
    return amendment


def _carry_out(session: Session, plan: Plan, changes: Sequence[Mapping[str, Any]]) -> None:
    rows, drafts = _read(session, plan, changes)
    codes = registry.codes_by_text(session, {item for draft in drafts if draft for item in draft.items})
    last = session.scalar(
        select(func.max(PlannedInspection.row_no)).where(PlannedInspection.plan_id == plan.id)
    )
    for change, draft in zip(changes, drafts, strict=True):
        if draft is None:
            rows[UUID(str(change["planned"]))].withdrawn_at = clock.now()
            continue
        values = values_of(draft, codes)
        if change["action"] == "add":
            last = (last or 0) + 1
            session.add(PlannedInspection(**values | {"row_no": last}, plan_id=plan.id, region=plan.region))
            continue
        row = rows[UUID(str(change["planned"]))]
        if "object_scope" in change["set"] and draft.object_scope != row.object_scope:
            row.frame = None  # which said what the former words meant
        for key in change["set"]:
            for column in _COLUMNS.get(key, (key,)):
                setattr(row, column, values[column])
    session.flush()


def _read(
    session: Session, plan: Plan, changes: Sequence[Mapping[str, Any]]
) -> tuple[dict[UUID, PlannedInspection], list[PlannedDraft | None]]:
    """Read changes against the rows as they are: (rows by id, what each change makes; None for a withdrawal)."""
    rows = {row.id: row for row in rows_of(session, [plan.id]) if row.withdrawn_at is None}
    drawn = launched(session, rows)
    drafts, wrong, locked = [], list[Json](), list[Json]()
    for place, change in enumerate(changes):
        draft, row = None, None
        if change["action"] != "add":
            row = rows.get(UUID(str(change["planned"])))
            if row is None:
                wrong.append(_told(place, "planned", "没有这一行", "there is no such row"))
        if change["action"] != "withdraw":
            texts = _texts(row, change["set"])
            draft = read_texts(texts, plan.year)
            wrong += (
                _told(place, each.column, each.message, each.message_en)
                for each in draft.findings
                if each.severity == "error"
            )
            if (
                draft.ratio
                and "frequency" in change["set"]
                and parse_ratio(as_percent(texts["ratio"])).period
            ):
                message = "频次已写在抽查比例中，请更改抽查比例", "the ratio says how often: change that"
                wrong.append(_told(place, WORDS["frequency"], *message))
        if row is not None and "row_no" in change["set"]:
            wrong.append(_told(place, WORDS["row_no"], "序号不能更改", "the number of a row stays"))
        if row is not None and row.id in drawn:
            locked += (_told(place, key, "已经抽取", "is drawn") for key in _touched(row, change, draft))
        drafts.append(draft)
    if wrong:
        raise AmendmentUnusable(errors=wrong)
    if locked:
        raise AmendmentLocked(errors=locked)
    return rows, drafts


def _texts(row: PlannedInspection | None, said: Mapping[str, str]) -> dict[str, str]:
    """Write a row as it is to be read; how often is said beside the ratio that it is to go with."""
    if row is None:
        return dict(said)
    standing = said_by(row)
    texts = texts_of(standing)
    if "frequency" in said:
        texts["ratio"], texts["frequency"] = ratio_apart(standing, apart=True)
    return texts | dict(said)


def _touched(row: PlannedInspection, change: Mapping[str, Any], draft: PlannedDraft | None) -> list[str]:
    """Name what a change of a drawn row may not touch."""
    if draft is None:
        return ["withdraw"]
    touched = [key for key in change["set"] if key not in OPEN]
    before = [Window.from_json(window) for window in row.windows]
    return [*touched, "window"] if not all(covers(draft.windows, each) for each in before) else touched


def _told(place: int, column: str, message: str, message_en: str) -> Json:
    return {"change": place, "column": column, "reason": message, "reason_en": message_en}


def _check(amendment: PlanAmendment, allowed: AmendmentState) -> None:
    if amendment.state != allowed:
        raise too_late(AmendmentStage, amendment, "amendment", state=amendment.state, allowed=[allowed.value])


def _note(session: Session, actor: Actor, action: str, amendment: PlanAmendment, details: Json) -> None:
    subject = ("amendment", amendment.id)
    audit.append(session, actor, action, subject, {"plan": str(amendment.plan_id), **details})
