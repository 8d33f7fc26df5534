"""Who may do what, and where: one table of permissions, one rule of jurisdiction.

The same rule filters a list (`within`) and guards an object (`require`).
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, false
from sqlalchemy.orm import InstrumentedAttribute

from server.conditions import Unindexed
from server.problems import AccessDenied, OutsideJurisdiction


class Role(StrEnum):
    """What a person is for. One person can hold several; separation of duties is checked where it bites."""

    INSPECTOR = "inspector"  # 执法检查人员
    LEAD = "lead"  # 主检
    SUPERVISOR = "supervisor"  # reviews records, releases results
    PLANNER = "planner"  # a section (业务科室): proposes plans and imports draws
    POLICY = "policy"  # the policy section (政策法规科): aggregates plans and publishes them
    PUBLISHER = "publisher"
    OPERATOR = "operator"  # platform operator: deliveries and reconciliation
    ADMIN = "admin"  # people, devices, forms
    AUDITOR = "auditor"  # reads everything, changes nothing


class Permission(StrEnum):
    """`noun.verb`: one thing that can be allowed."""

    AUDIT_READ = "audit.read"
    BOARD_READ = "board.read"  # what is under way in the whole region, see `server.board`
    CALENDAR_WRITE = "calendar.write"
    COMPLAINT_ANSWER = "complaint.answer"
    COMPLAINT_READ = "complaint.read"  # what users complain of or suggest about the application
    DELIVERY_MANAGE = "delivery.manage"
    DELIVERY_READ = "delivery.read"
    DEVICE_BLOCK = "device.block"
    DEVICE_ENROL = "device.enrol"
    DOCUMENT_ISSUE = "document.issue"
    DOCUMENT_MANAGE = "document.manage"
    DOCUMENT_READ = "document.read"
    DRAW_IMPORT = "draw.import"
    DRAW_READ = "draw.read"
    DRAW_RUN = "draw.run"
    FOLLOWUP_ENTER = "followup.enter"
    FORM_PUBLISH = "form.publish"
    FORM_READ = "form.read"
    GATE_OVERRIDE = "gate.override"
    JOB_RUN = "job.run"  # a job of the worker that was given up, again
    KEY_READ = "key.read"
    KEY_REVOKE = "key.revoke"
    LIST_APPROVE = "list.approve"
    LIST_PUBLISH = "list.publish"
    LIST_READ = "list.read"
    LIST_WRITE = "list.write"
    MEDIA_READ = "media.read"
    MEDIA_UPLOAD = "media.upload"
    OBJECTION_DECIDE = "objection.decide"
    OBJECTION_FILE = "objection.file"
    OBJECT_READ = "object.read"
    OBJECT_WRITE = "object.write"
    PERSON_MANAGE = "person.manage"
    PERSON_READ = "person.read"
    PLAN_AGGREGATE = "plan.aggregate"
    PLAN_APPROVE = "plan.approve"
    PLAN_PUBLISH = "plan.publish"
    PLAN_READ = "plan.read"
    PLAN_WRITE = "plan.write"
    PUBLICITY_MANAGE = "publicity.manage"
    PUBLICITY_READ = "publicity.read"
    QUARANTINE_DECIDE = "quarantine.decide"
    QUARANTINE_READ = "quarantine.read"
    RECORD_READ = "record.read"
    RECORD_REVIEW = "record.review"
    REPORT_MAKE = "report.make"
    REPORT_READ = "report.read"
    RESULT_CONFIRM = "result.confirm"
    RESULT_READ = "result.read"
    RESULT_RELEASE = "result.release"
    RULES_WRITE = "rules.write"  # what a bureau decides about draws and visits
    STATUS_READ = "status.read"
    SYNC = "sync.use"
    TASK_ASSIGN = "task.assign"
    TASK_READ = "task.read"


_READING = frozenset(permission for permission in Permission if permission.endswith(".read"))
_FIELD = frozenset(
    {
        Permission.DOCUMENT_READ,
        Permission.DRAW_READ,
        Permission.FOLLOWUP_ENTER,
        Permission.FORM_READ,
        Permission.MEDIA_READ,
        Permission.MEDIA_UPLOAD,
        Permission.OBJECT_READ,
        Permission.RECORD_READ,
        Permission.RESULT_CONFIRM,
        Permission.RESULT_READ,
        Permission.SYNC,
        Permission.TASK_READ,
    }
)

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.INSPECTOR: _FIELD,
    Role.LEAD: _FIELD,
    Role.SUPERVISOR: _READING
    | {
        Permission.COMPLAINT_ANSWER,
        Permission.DEVICE_ENROL,
        Permission.DOCUMENT_ISSUE,
        Permission.FOLLOWUP_ENTER,
        Permission.GATE_OVERRIDE,
        Permission.KEY_REVOKE,
        Permission.LIST_APPROVE,
        Permission.PLAN_APPROVE,
        Permission.OBJECTION_DECIDE,
        Permission.OBJECTION_FILE,
        Permission.QUARANTINE_DECIDE,
        Permission.RECORD_REVIEW,
        Permission.REPORT_MAKE,
        Permission.RESULT_RELEASE,
        Permission.TASK_ASSIGN,
    },
    Role.PLANNER: frozenset(
        {
            Permission.DOCUMENT_ISSUE,
            Permission.DOCUMENT_READ,
            Permission.BOARD_READ,
            Permission.DRAW_IMPORT,
            Permission.DRAW_READ,
            Permission.DRAW_RUN,
            Permission.FORM_READ,
            Permission.LIST_PUBLISH,
            Permission.LIST_READ,
            Permission.LIST_WRITE,
            Permission.OBJECT_READ,
            Permission.OBJECT_WRITE,
            Permission.PERSON_READ,
            Permission.PLAN_READ,
            Permission.PLAN_WRITE,
            Permission.TASK_ASSIGN,
            Permission.TASK_READ,
        }
    ),
    Role.POLICY: frozenset(
        {
            Permission.DRAW_READ,
            Permission.LIST_PUBLISH,
            Permission.LIST_READ,
            Permission.LIST_WRITE,
            Permission.OBJECT_READ,
            Permission.PLAN_AGGREGATE,
            Permission.PLAN_PUBLISH,
            Permission.PLAN_READ,
            Permission.REPORT_MAKE,
            Permission.REPORT_READ,
        }
    ),
    Role.PUBLISHER: frozenset(
        {
            Permission.DRAW_READ,
            Permission.LIST_PUBLISH,
            Permission.LIST_READ,
            Permission.OBJECTION_FILE,
            Permission.PLAN_PUBLISH,
            Permission.PLAN_READ,
            Permission.PUBLICITY_MANAGE,
            Permission.PUBLICITY_READ,
            Permission.RESULT_READ,
        }
    ),
    Role.OPERATOR: frozenset(
        {
            Permission.DELIVERY_READ,
            Permission.DELIVERY_MANAGE,
            Permission.JOB_RUN,
            Permission.RESULT_READ,
            Permission.STATUS_READ,
        }
    ),
    Role.ADMIN: frozenset(
        {
            Permission.CALENDAR_WRITE,
            Permission.COMPLAINT_ANSWER,
            Permission.COMPLAINT_READ,
            Permission.DEVICE_BLOCK,
            Permission.DEVICE_ENROL,
            Permission.DOCUMENT_MANAGE,
            Permission.FORM_PUBLISH,
            Permission.FORM_READ,
            Permission.JOB_RUN,
            Permission.KEY_READ,
            Permission.KEY_REVOKE,
            Permission.LIST_READ,
            Permission.LIST_WRITE,
            Permission.OBJECT_READ,
            Permission.OBJECT_WRITE,
            Permission.PERSON_MANAGE,
            Permission.PERSON_READ,
            Permission.RULES_WRITE,
            Permission.STATUS_READ,
        }
    ),
    Role.AUDITOR: _READING,
}

# These see only what they are assigned to, whatever lies in their region.
ONLY_OWN = frozenset({Role.INSPECTOR, Role.LEAD})


@dataclass(frozen=True)
class Actor:
    """Whoever asks. `region` is the division code (行政区划代码) of the person's organisation."""

    person_id: UUID
    name: str
    roles: frozenset[Role]
    organisation_id: UUID
    region: str
    device_id: UUID | None = None
    session_id: UUID | None = None
    is_new_here: bool = False
    """Whether nothing was asked in this session before, see `server.accounts.renewing`."""

    def may(self, permission: Permission) -> bool:
        """Say whether any of the actor's roles grants a permission."""
        return any(permission in GRANTS[role] for role in self.roles)

    def sees_region(self, permission: Permission) -> bool:
        """Say whether the permission reaches over the whole region, not only over what is assigned."""
        return any(permission in GRANTS[role] for role in self.roles - ONLY_OWN)


#: A column of regions; null where something lies in none.
Regional = InstrumentedAttribute[str] | InstrumentedAttribute[str | None]
Reach = Callable[["Actor", Regional], ColumnElement[bool]]
"""One of the ways to filter to a jurisdiction that are below: which suits depends on how a list is read."""

NOBODY = UUID(int=0)
STRANGER = Actor(NOBODY, "stranger", frozenset(), NOBODY, "none")


class System:
    """The server itself, as the actor of what nobody asked for."""

    name = "system"


SYSTEM = System()


class Governed(Protocol):
    """Anything that lies in a region."""

    @property
    def region(self) -> str:
        """Six-digit division code."""


def region_bounds(region: str) -> tuple[str, str]:
    """Return the first and last code below a region: 140500 → (140500, 140599); 000000 is the nation."""
    if len(region) != 6 or not region.isdigit():
        return ("~", "")
    prefix = region
    while prefix.endswith("00"):
        prefix = prefix[:-2]
    return prefix.ljust(6, "0"), prefix.ljust(6, "9")


def within(actor: Actor, column: Regional) -> ColumnElement[bool]:
    """Filter rows to the actor's jurisdiction."""
    return in_region(actor.region, column)


def walked_within(actor: Actor, column: Regional) -> ColumnElement[bool]:
    """Filter to the jurisdiction what is read in the order of something else, such as days, along its index.

    SQLite would rather fetch a whole region and sort it, which grows with what is stored.
    """
    return walked_in(actor.region, column)


def found_within(actor: Actor, column: Regional) -> ColumnElement[bool]:
    """Filter to the jurisdiction what something else finds, as a task its records: no index of regions is looked for."""
    return Unindexed(column).between(*region_bounds(actor.region))


def read_on_within(actor: Actor, column: Regional) -> ColumnElement[bool]:
    """Filter to the jurisdiction what is read by region and on from a place: there an index begins, and ends with the last region.

    SQLite would rather begin at the first region, and pass over all that was read before.
    """
    first, last = region_bounds(actor.region)
    return (Unindexed(column) >= first) & (column <= last)


def walked_in(region: str, column: Regional) -> ColumnElement[bool]:
    """The same for a region."""
    first, last = region_bounds(region)
    if first >= last:
        return in_region(region, column)
    return Unindexed(column).between(first, last)


def in_region(region: str, column: Regional) -> ColumnElement[bool]:
    """Filter rows to a region, as an index serves it: one value of a county, which keeps an order that follows it."""
    first, last = region_bounds(region)
    if first == last:
        return column == first
    return column.between(first, last) if first <= last else false()


def require(actor: Actor, permission: Permission, subject: Governed | None = None) -> None:
    """Refuse unless the actor holds the permission and the subject lies in the actor's jurisdiction."""
    if not actor.may(permission):
        raise AccessDenied(permission=permission.value)
    if subject is not None:
        first, last = region_bounds(actor.region)
        if not first <= subject.region <= last:
            raise OutsideJurisdiction()
