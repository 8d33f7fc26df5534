"""Taking back what is public, and letting it be public again: each by a publisher, with a reason."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit
from server.access import Actor, Permission, require
from server.accounts.lateness import too_late
from server.accounts.models import Organisation
from server.problems import DisclosureNotWithdrawn, DisclosureOver
from server.publicity.models import PUBLISHED, Disclosure, DisclosureState
from server.publicity.rules import Reason, read_publicity_rules
from server.publicity.service import find_disclosure
from server.publicity.standing import begin, end, follow, hold, is_held, locked_publications
from server.results.deadlines import DeadlineKind
from server.results.keeping import meet
from server.results.models import Result

_STANDING = (DisclosureState.HELD.value, *PUBLISHED)


def withdraw(session: Session, actor: Actor, disclosure_id: UUID, reason: Reason, note: str) -> Disclosure:
    """Take back what is public: the public still sees that it was, and the reason's words; `note` stays inside."""
    disclosure, _ = _to_manage(session, actor, disclosure_id)
    if disclosure.state not in _STANDING:
        raise too_late(DisclosureOver, disclosure, "disclosure", state=disclosure.state)
    end(disclosure, locked_publications(session, disclosure.id), DisclosureState.WITHDRAWN, reason)
    session.flush()
    told = {"reason": reason.value, "note": note.strip(), "version": disclosure.version}
    audit.append(session, actor, "disclosure.withdrawn", ("disclosure", disclosure.id), told)
    return disclosure


def publish_again(session: Session, actor: Actor, disclosure_id: UUID, note: str) -> Disclosure:
    """Let what was taken back be public again, wherever it was to be; the newest version only. `note` stays inside.

    Where the bureau has problems handled first, one that is not waits for that as it did.
    """
    disclosure, result = _to_manage(session, actor, disclosure_id)
    newer = select(Disclosure.id).where(
        Disclosure.result_id == result.id, Disclosure.version > disclosure.version
    )
    if disclosure.state != DisclosureState.WITHDRAWN or session.scalar(newer.limit(1)) is not None:
        raise too_late(DisclosureNotWithdrawn, disclosure, "disclosure", state=disclosure.state)
    was, publications = disclosure.reason, locked_publications(session, disclosure.id)
    follow(disclosure, result)
    bureau = session.get_one(Organisation, disclosure.organisation_id)
    if is_held(disclosure, result, read_publicity_rules(bureau.rules)):
        hold(disclosure, publications)
    else:
        begin(disclosure, publications)
        if disclosure.state == DisclosureState.PUBLIC:
            meet(session, DeadlineKind.PUBLICATION, result.id)
    session.flush()
    told = {"note": note.strip(), "was": was, "version": disclosure.version, "state": disclosure.state}
    audit.append(session, actor, "disclosure.published-again", ("disclosure", disclosure.id), told)
    return disclosure


def _to_manage(session: Session, actor: Actor, disclosure_id: UUID) -> tuple[Disclosure, Result]:
    """Load a disclosure with its result, the result locked first: a newer version becomes public behind that lock."""
    disclosure = find_disclosure(session, actor, disclosure_id)
    require(actor, Permission.PUBLICITY_MANAGE, disclosure)
    result = session.get_one(Result, disclosure.result_id, with_for_update=True)
    session.refresh(disclosure, with_for_update=True)
    return disclosure, result
