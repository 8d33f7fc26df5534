"""The multi-department responsibility list (多部门监管责任事项清单): who leads and who helps, line by line.

福州市 2020: 各牵头部门按公布的权责清单梳理，法规处汇总，报市审改办审定后公布. A section enters lines, the policy
section prepares a version of all of them, and it is approved and published as every list is.
"""

from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server import audit
from server.access import Actor, Permission, require
from server.db import Json
from server.problems import ResponsibilityNotFound
from server.registry.item_drafts import ResponsibilityDraft
from server.registry.item_list import check_codes
from server.registry.models import Responsibility


def enter_responsibility(session: Session, actor: Actor, draft: ResponsibilityDraft) -> Responsibility:
    """Enter a line of the bureau's list, or bring the one of the same name up to date."""
    require(actor, Permission.LIST_WRITE)
    check_codes(session, draft.item_codes)
    line = session.scalar(responsibilities_of(actor, active=False).where(Responsibility.name == draft.name))
    line = line or Responsibility(organisation_id=actor.organisation_id, region=actor.region, name=draft.name)
    line.basis, line.lead = draft.basis, draft.lead
    line.cooperating, line.item_codes = list(draft.cooperating), list(draft.item_codes)
    line.active = True
    session.add(line)
    session.flush()
    details = responsibility_as_json(line)
    audit.append(session, actor, "responsibility.entered", ("responsibility", line.id), details)
    return line


def drop_responsibility(session: Session, actor: Actor, line_id: UUID) -> None:
    """Take a line out of the bureau's list; published versions keep it."""
    require(actor, Permission.LIST_WRITE)
    line = session.scalar(responsibilities_of(actor).where(Responsibility.id == line_id).with_for_update())
    if line is None:
        raise ResponsibilityNotFound()
    line.active = False
    session.flush()
    audit.append(session, actor, "responsibility.dropped", ("responsibility", line.id), {"name": line.name})


def responsibilities_of(actor: Actor, *, active: bool = True) -> Select[Responsibility]:
    """Select the lines of the actor's bureau, by name."""
    query = select(Responsibility).where(Responsibility.organisation_id == actor.organisation_id)
    query = query.where(Responsibility.active) if active else query
    return query.order_by(Responsibility.name)


def responsibility_as_json(line: Responsibility) -> Json:
    """Write a line as a published list has it."""
    return {name: getattr(line, name) for name in ("name", "basis", "lead", "cooperating", "item_codes")}
