"""Every list that somebody opens: with its usual filters, at its beginning and deep inside, and what the public reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import InstrumentedAttribute

from server.accounts.models import Device, Person
from server.audit import AuditEntry
from server.draws.models import Ceremony
from server.inspections.models import QuarantineCase, Record, Task
from server.platform.models import Delivery
from server.publicity.models import Disclosure, Publication
from server.registry.models import InspectedObject
from server.results.models import Followup, Result
from tests.bench.naming import code_of

EVERYBODY = ("county", "city", "province")
HIGH = ("province",)
STRANGER = ("stranger",)
ROWS = 100
"""What the console asks for at once."""

_A_COUNTY = code_of(2, 3)


@dataclass(frozen=True)
class Asked:
    """A page of a list. `{organisation}` and the like in `path` are filled in by the province.

    `middle`: the columns a list is read by; then the page asked for lies behind the row in the middle of all.
    """

    name: str
    path: str
    askers: Sequence[str] = EVERYBODY
    middle: Sequence[InstrumentedAttribute[Any]] = ()
    is_console: bool = True


def _deep(
    name: str, path: str, *keys: InstrumentedAttribute[Any], askers: Sequence[str] = EVERYBODY
) -> Asked:
    return Asked(f"{name}, from the middle", path, askers, keys, is_console=askers is not STRANGER)


PAGES = (
    Asked("tasks", "tasks"),
    _deep("tasks", "tasks", Task.due_on, Task.id),
    Asked("tasks not begun", "tasks?state=assigned"),
    Asked("tasks withdrawn: none", "tasks?state=withdrawn"),
    Asked("tasks of a county", f"tasks?region={_A_COUNTY}", HIGH),
    Asked("tasks of a county, not begun", f"tasks?region={_A_COUNTY}&state=assigned", HIGH),
    Asked("tasks of a bureau", "tasks?organisation={organisation}", HIGH),
    Asked("tasks of a bureau, not begun", "tasks?organisation={organisation}&state=assigned", HIGH),
    Asked("tasks of a bureau that has none", "tasks?organisation={idle}", HIGH),
    Asked("tasks by number", "tasks?number=2026-77"),
    Asked("tasks by a number that is not there", "tasks?number=2031-1"),
    Asked("tasks of a plan's row: none", "tasks?planned={nothing}"),
    Asked("tasks not begun of a form nobody uses", "tasks?state=assigned&form=nothing", HIGH),
    Asked("tasks of an object", "tasks?object={site}"),
    Asked("tasks of an object, done", "tasks?object={site}&state=done"),
    Asked("tasks of a person who has few", "tasks?person={person}&state=assigned"),
    Asked("records", "records"),
    _deep("records", "records", Record.created_at, Record.id),
    Asked("records returned", "records?state=returned"),
    Asked("records in conflict: none", "records?state=conflicted"),
    Asked("review queue", "records?waiting=true"),
    Asked("records of a task", "records?task={task}&state=final"),
    Asked("results", "results"),
    _deep("results", "results", Result.due_on, Result.id),
    Asked("results confirmed", "results?state=confirmed"),
    Asked("results of a task", "results?task={task}&state=released"),
    Asked("follow-ups", "followups"),
    _deep("follow-ups", "followups", Followup.opened_at, Followup.id),
    Asked("follow-ups open", "followups?state=open"),
    Asked("follow-ups to the police", "followups?code=TRANSFER_POLICE"),
    Asked("follow-ups to the police, entered", "followups?code=TRANSFER_POLICE&state=entered"),
    Asked("follow-ups late", "followups?overdue=true"),
    Asked("follow-ups of a result", "followups?result={result}&state=entered"),
    Asked("deliveries", "deliveries"),
    _deep("deliveries", "deliveries", Delivery.queued_at, Delivery.id),
    Asked("deliveries refused", "deliveries?state=rejected"),
    Asked("deliveries being sent: none", "deliveries?state=sent"),
    Asked("deliveries of a result", "deliveries?result={result}"),
    Asked("deliveries of a result, refused", "deliveries?result={result}&state=rejected"),
    Asked("publications", "publications"),
    _deep("publications", "publications", Publication.queued_at, Publication.id),
    Asked("publications due", "publications?state=due"),
    Asked("publications withdrawn: none", "publications?state=withdrawn"),
    Asked("publications at the portal", "publications?target=portal"),
    Asked("publications at the portal, refused", "publications?target=portal&state=failed"),
    Asked("publications at the province: none", "publications?target=platform"),
    Asked("quarantine", "quarantine"),
    _deep("quarantine", "quarantine?state=dismissed", QuarantineCase.arrived_at, QuarantineCase.id),
    Asked("quarantine admitted: none", "quarantine?state=admitted"),
    Asked("quarantine for a reason that is not there", "quarantine?reason=nothing"),
    Asked("audit trail", "audit"),
    _deep("audit trail", "audit", AuditEntry.seq),
    Asked("audit trail of an event", "audit?action=record.returned"),
    Asked("audit trail of a rare event", "audit?action=quarantine.dismissed"),
    Asked("audit trail of an event that never was", "audit?action=backup.made"),
    Asked("audit trail of a person", "audit?actor=person-000003"),
    Asked("audit trail of a person, a rare event", "audit?actor=person-000003&action=quarantine.dismissed"),
    Asked("audit trail of a county", f"audit?region={_A_COUNTY}", HIGH),
    Asked("audit trail of a thing", "audit?subject={record}"),
    Asked("audit trail of some days", "audit?first={day}&last={day}"),
    Asked("objects", "objects"),
    _deep("objects", "objects", InspectedObject.region, InspectedObject.name, InspectedObject.id),
    Asked("objects by a part of the name", "objects?text=煤业"),
    Asked("objects by a rare part of the name", "objects?text=第000077号"),
    Asked("objects by a part that is not there", "objects?text=不存在的矿"),
    Asked("objects by parts that never meet", "objects?text=有限煤业"),
    Asked("objects by credit code", "objects?text={uscc}"),
    Asked("objects of a kind", "objects?kind=project"),
    Asked("objects of a kind there is none of", "objects?kind=act"),
    Asked("objects of a risk class", "objects?risk_class=D"),
    Asked("objects with a rare tag", "objects?tag=重点", HIGH),
    Asked("objects with a tag nobody has", "objects?tag=无", HIGH),
    Asked("objects in the key library", "objects?key=true", HIGH),
    Asked("people", "people"),
    _deep("people", "people", Person.username),
    Asked("people by a part of the name", "people?q=员77"),
    Asked("people by a part that is not there", "people?q=nobody"),
    Asked("people who plan: none", "people?role=planner"),
    Asked("people who left", "people?active=false"),
    Asked("phones", "phones"),
    _deep("phones", "phones", Device.last_sign_in, Device.id, Device.person_id),
    Asked("phones blocked", "phones?blocked=true"),
    Asked("phones by a part that is not there", "phones?text=nobody"),
    Asked("draws", "ceremonies"),
    _deep("draws", "ceremonies", Ceremony.committed_at, Ceremony.id),
    Asked("draws of a plan's row: none", "ceremonies?planned={nothing}"),
    Asked("board", "board"),
    Asked("public: results", "/public/zh/results", STRANGER),
    _deep("public: results", "/public/zh/results", Disclosure.inspected_on, Disclosure.id, askers=STRANGER),
    Asked("public: by the beginning of a name", "/public/zh/results?q=凤城第0000", STRANGER),
    Asked("public: by a name that is not there", "/public/zh/results?q=不存在", STRANGER),
    Asked("public: by a common beginning, a county, a problem",
          f"/public/zh/results?q=凤城&region={_A_COUNTY}&outcome=problem", STRANGER),
    Asked("public: by a common beginning, nothing of the kind", "/public/zh/results?q=凤城&outcome=other", STRANGER),
    Asked("public: by credit code", "/public/zh/results?q={uscc}", STRANGER),
    Asked("public: by the beginning of a credit code", "/public/zh/results?q=91140500", STRANGER),
    Asked("public: of a county", f"/public/zh/results?region={_A_COUNTY}", STRANGER),
    Asked("public: of a city", "/public/zh/results?region=140300", STRANGER),
    Asked("public: of a county, a problem, of some days",
          f"/public/zh/results?region={_A_COUNTY}&outcome=problem&first={{day}}&last={{day}}", STRANGER),
    Asked("public: other results: none", "/public/zh/results?outcome=other", STRANGER),
    Asked("public: of a matter there is nothing of", "/public/zh/results?item=NOTHING", STRANGER),
    Asked("public: of an enterprise", "/public/zh/objects/{site}", STRANGER),
    Asked("public: one result", "/public/zh/results/{disclosure}", STRANGER),
    Asked("public: draws", "/public/zh/draws", STRANGER),
    Asked("public: found by programs", "/public/results?name=凤城第0000", STRANGER),
    Asked("public: a part of the file as JSON", "/public/files/results.json?limit=200", STRANGER),
    Asked("public: a part of the file as CSV", "/public/files/results.csv?limit=200", STRANGER),
    _deep("public: the file as JSON", "/public/files/results.json?limit=200", Disclosure.changed_at, Disclosure.id,
          askers=STRANGER),
)  # fmt: skip
