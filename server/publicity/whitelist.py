"""What of a result the public may read: these fields, and nothing else there is.

A whitelist by construction: the query asks for these columns only, so that what is added to a table is never public by
accident. No person, no address, no telephone, no coordinate, no photo, no words that somebody wrote freely: names of
people stand in findings and corrections, too.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.accounts.models import Organisation, Region
from server.db import Json
from server.draws.models import Draw
from server.inspections.models import Task
from server.planning.models import Plan, PlannedInspection
from server.publicity.models import Outcome
from server.registry.models import InspectedObject, InspectionItem
from server.registry.uscc import public_code
from server.results.codes import PROBLEMS, FollowupCode, ResultCode
from server.results.models import Result

FIELDS: dict[str, str] = {
    "task_no": "任务编号",
    "task_name": "任务名称",
    "plan_name": "计划名称",
    "draw_no": "抽取批次",
    "organisation": "检查机关",
    "region": "行政区划代码",
    "region_name": "行政区划",
    "object_name": "检查对象",
    "object_kind": "对象类别",
    "uscc": "统一社会信用代码",
    "item_code": "事项代码",
    "item_name": "抽查事项",
    "inspected_on": "检查日期",
    "result_codes": "检查结果代码",
    "result": "检查结果",
    "followup_codes": "后续处置代码",
    "followup": "后续处置",
    "version": "版本",
}
"""The fields, in the order of files, with their headings."""

_COLUMNS = {
    "task_no": Task.number,
    "task_name": Task.name,
    "plan_name": Plan.name,
    "draw_no": Draw.number,
    "organisation": Organisation.name,
    "region": Result.region,
    "region_name": Region.name,
    "object_name": InspectedObject.name,
    "object_kind": InspectedObject.kind,
    "uscc": InspectedObject.uscc,
    "item_code": Result.item_code,
    "item_name": InspectionItem.name,
    "inspected_on": Result.inspected_on,
}
_FREE_OF_PROBLEMS = {ResultCode.NO_PROBLEM, ResultCode.QUALIFIED}


def public_bodies(session: Session, said: Mapping[UUID, Mapping[str, Any]]) -> dict[UUID, Json]:
    """Write what is public of some results: one question for all; `said` is what each said when it was released."""
    query = (
        select(
            Result.id, *(column.label(name) for name, column in _COLUMNS.items()), InspectedObject.uscc_valid
        )
        .join(Task, Task.id == Result.task_id)
        .join(InspectedObject, InspectedObject.id == Result.object_id)
        .join(Organisation, Organisation.id == Result.organisation_id)
        .outerjoin(Region, Region.code == Result.region)
        .outerjoin(InspectionItem, InspectionItem.code == Result.item_code)
        .outerjoin(PlannedInspection, PlannedInspection.id == Task.planned_id)
        .outerjoin(Plan, Plan.id == PlannedInspection.plan_id)
        .outerjoin(Draw, Draw.id == Task.draw_id)
        .where(Result.id.in_(said))
    )
    return {row.id: _body(row._mapping, said[row.id]) for row in session.execute(query)}  # noqa: SLF001


def _body(row: Mapping[Any, Any], said: Mapping[str, Any]) -> Json:
    codes = [ResultCode(code) for code in said["codes"]]
    followups = [FollowupCode(code) for code in said["followup_codes"]]
    facts: dict[str, Any] = {
        **{name: row[name] for name in _COLUMNS},
        "uscc": public_code(row["uscc"], valid=bool(row["uscc_valid"])),
        "inspected_on": row["inspected_on"].isoformat(),
        "result_codes": [code.value for code in codes],
        "result": "；".join(code.chinese for code in codes),
        "followup_codes": [code.value for code in followups],
        "followup": "；".join(code.chinese for code in followups),
        "version": said["version"],
    }
    return {name: facts[name] for name in FIELDS}


def outcome_of(codes: Sequence[str]) -> Outcome:
    """Say what the codes of a result come to; a problem beside anything else is a problem."""
    found = {ResultCode(code) for code in codes}
    if found & PROBLEMS:
        return Outcome.PROBLEM
    return Outcome.NO_PROBLEM if found & _FREE_OF_PROBLEMS else Outcome.OTHER
