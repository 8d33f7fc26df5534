"""A supervisor in the cast, and the form that visits in these tests are filled in with."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from server import audit
from server.access import SYSTEM, Role
from server.checklists import service as checklists
from tests.actors.cast import Cast
from tests.actors.phone import Phone, open_task, written_once
from tests.actors.someone import Someone

ITEMS = ("MINE_OVERSTEP", "BOUNDARY_MARKER")
CONCLUSION = """
| | begin_group | {item} | {name} | | | |
| | select_one item_answer | answer | 结论 | true() | | |
| | text | problem | 发现问题情况 | | | |
| | select_one disposal | disposal | 处置情况 | | | |
| | date | rectify_deadline | 整改期限 | | | |
| | text | not_checked_reason | 未检查原因 | | | |
| | end_group | | | | | |
""".strip()
VISIT_FORM = f"""
| survey | | | | | | | | | |
| | type | name | label::中文 (zh) | required | appearance | hint::中文 (zh) | constraint | parameters |
| | begin_repeat | markers | 界桩 | | | | | |
| | text | marker_no | 编号 | | | | count(../../markers) <= 60 and count(../../markers[marker_no = current()/.]) <= 1 | |
| | select_one state | state | 现状 | | | | | |
| | image | photo | 照片 | | | 证明界桩现状 | | max-pixels=3072 |
| | end_repeat | | | | | | | |
| | begin_group | conclusions | 检查结论 | | | |
{CONCLUSION.format(item="MINE_OVERSTEP", name="超层越界")}
{CONCLUSION.format(item="BOUNDARY_MARKER", name="界桩")}
| | end_group | | | | | |
| | begin_group | statement | 检查记录 | | | |
| | dateTime | end_at | 检查结束时间 | | | |
| | end_group | | | | | |
| | begin_group | sign | 签名 | | | |
| | image | inspector1 | 主检 | true() | signature | | | max-pixels=1600 |
| | image | inspector2 | 协检 | true() | signature | | | max-pixels=1600 |
| | end_group | | | | | |
| choices | | | |
| | list_name | name | label::中文 (zh) |
| | state | intact | 完好 |
| | state | missing | 缺失 |
| | item_answer | conform | 符合 |
| | item_answer | mostly_conform | 基本符合 |
| | item_answer | not_conform | 不符合 |
| | item_answer | not_applicable | 不适用 |
| | item_answer | not_checked | 未检查 |
| | disposal | NONE | 无需后续处置 |
| | disposal | DAILY_SUPERVISION | 纳入日常监管 |
| | disposal | ORDER_RECTIFY | 责令限期改正 |
| settings | | | | |
| | form_title | form_id | version | default_language |
| | 现场检查 / Visit | visit | 1 | 中文 (zh) |
"""
CONFORM = {"answer": "conform"}


def visit_answers(
    overstep: Mapping[str, str] = CONFORM,
    marker: Mapping[str, str] = CONFORM,
    end_at: str = "2026-02-06T16:30:00.000+08:00",
) -> dict[str, Any]:
    """A visit's answers: two markers with photos, a conclusion for each item, both signatures."""
    return {
        "/data/markers": [
            {"marker_no": "J1", "state": "intact", "photo": "j1.jpg"},
            {"marker_no": "J2", "state": "missing", "photo": "j2.jpg"},
        ],
        "/data/conclusions": {"MINE_OVERSTEP": dict(overstep), "BOUNDARY_MARKER": dict(marker)},
        "/data/statement": {"end_at": datetime.fromisoformat(end_at)},
        "/data/sign": {"inspector1": "inspector1.png", "inspector2": "inspector2.png"},
    }


class Supervisor(Someone):
    """Somebody who reviews records and releases results."""

    def reads(self, record: UUID | str, expect: int = 200, **query: str) -> Any:
        return self.get(f"/api/v1/records/{record}", expect=expect, query_string=query)

    def waiting(self) -> list[dict[str, Any]]:
        return self.get("/api/v1/records?state=under_review")

    def returns(
        self, record: UUID, marks: Mapping[str, str], reason: str = "看不清", expect: int = 200
    ) -> Any:
        given = [{"path": path, "reason": why} for path, why in marks.items()]
        return self.post(
            f"/api/v1/records/{record}/return", {"reason": reason, "marks": given}, expect=expect
        )

    def accepts(self, record: UUID, expect: int = 200, rev: str | None = None) -> Any:
        return self.post(f"/api/v1/records/{record}/accept", {"rev": rev} if rev else None, expect=expect)

    def compares(self, record: UUID, old: str, new: str, expect: int = 200) -> Any:
        query = {"old": old, "new": new}
        return self.get(f"/api/v1/records/{record}/compare", expect=expect, query_string=query)

    def asked(self, record: UUID | str, **query: str) -> dict[str, Any]:
        """The questions of the machine about a record, by code."""
        return {doubt["code"]: doubt for doubt in self.reads(record, **query)["doubts"]}

    def answers_doubt(
        self, record: UUID, doubt: Mapping[str, Any], *, fine: bool, note: str = "已核", expect: int = 200
    ) -> Any:
        given = {"fine": fine, "note": note}
        return self.post(f"/api/v1/records/{record}/doubts/{doubt['id']}/answer", given, expect=expect)

    def quarantine(self, **query: Any) -> list[dict[str, Any]]:
        return self.get("/api/v1/quarantine", query_string=query)

    def case(self, case: Mapping[str, Any] | str, expect: int = 200) -> Any:
        return self.get(f"/api/v1/quarantine/{_id(case)}", expect=expect)

    def admits(self, case: Mapping[str, Any] | str, task: UUID | None = None, expect: int = 200) -> Any:
        given = {"reason": "核实无误，予以接收"} | ({"task": str(task)} if task else {})
        return self.post(f"/api/v1/quarantine/{_id(case)}/admit", given, expect=expect)

    def dismisses(self, case: Mapping[str, Any] | str, expect: int = 200) -> Any:
        return self.post(f"/api/v1/quarantine/{_id(case)}/dismiss", {"reason": "非本次检查"}, expect=expect)

    def reopens(self, case: Mapping[str, Any] | str, expect: int = 200) -> Any:
        return self.post(f"/api/v1/quarantine/{_id(case)}/reopen", {"reason": "误操作"}, expect=expect)

    def releases(self, result: str, expect: int = 200) -> Any:
        return self.post(f"/api/v1/results/{result}/release", expect=expect)


def _id(case: Mapping[str, Any] | str) -> str:
    return case if isinstance(case, str) else case["id"]


def supervisor(cast: Cast, *more: Role, region: str = "140522") -> Supervisor:
    """A supervisor of a region who has signed in."""
    person = cast.person(Role.SUPERVISOR, *more, region=region)
    signed_in = Supervisor(cast.app, person.username, person.person_id)
    signed_in.sign_in()
    return signed_in


def phones(cast: Cast, count: int = 2, *more: Role) -> list[Phone]:
    """Inspectors with a phone each, signed in; the first leads."""
    people = [cast.person(Role.INSPECTOR, *more) for _ in range(count)]
    return [Phone(cast.app, person.username, person.person_id).signs_in() for person in people]


def visit_task(cast: Cast, *people: Someone, **more: Any) -> UUID:
    """A task to fill in the visit form on."""
    written = written_once(VISIT_FORM)
    with audit.transaction(cast.app.sessions) as session:
        if not checklists.newest(session, ["visit"]):
            checklists.publish_written(session, SYSTEM, written)
    planned: dict[str, Any] = {"forms": ["visit"], "item_codes": list(ITEMS)} | more
    return open_task(cast.app, cast.organisation(), *people, **planned)


def submitted(cast: Cast, *people: Phone, answers: Any = None, task: UUID | None = None, **more: Any) -> UUID:
    """A record that waits for its reviewer: filled in by the first, everything uploaded."""
    lead = people[0]
    task = task or visit_task(cast, *people, **more)
    lead.pulls()
    record = lead.fills(task, answers or visit_answers(), form_id="visit")
    lead.syncs()
    return record
