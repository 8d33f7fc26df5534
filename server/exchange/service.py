"""Push and pull: the server side of `sync`."""

import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require
from server.db import Json
from server.exchange.ledger import SqlLedger
from server.exchange.models import PushedOperation, QuarantinedItem
from server.inspections import service as inspections
from server.inspections.models import Revision
from server.inspections.service import Accepted, Desk
from server.installation import Installation
from server.problems import EpochDiffers
from sync import Outcome, Push, PushItem, push

log = logging.getLogger("merestone.exchange")

Handler = Callable[[Session, Desk, PushItem], Accepted]

HANDLERS: Mapping[str, Handler] = {
    "revision": inspections.accept_revision,
    "attest": inspections.accept_attestation,
}


def take_push(session: Session, actor: Actor, installation: Installation, given: Push) -> list[Outcome]:
    """Apply a phone's operations in order, a savepoint each, and answer each with a receipt.

    One transaction: effect, ledger, feed and audit log. Raises EpochDiffers before anything is touched.
    """
    require(actor, Permission.SYNC)
    if given.epoch != installation.epoch:
        raise EpochDiffers(epoch=installation.epoch)
    ledger = SqlLedger(session, actor, installation, given.items)
    fresh = [item for item in given.items if ledger.claim(item.op) is None]
    return push(given.items, Applying(session, actor, installation, fresh, ledger.facts), ledger)


class Applying:
    """Applies the items of one push; implements `sync.Apply`."""

    def __init__(
        self,
        session: Session,
        actor: Actor,
        installation: Installation,
        items: Sequence[PushItem],
        facts: dict[UUID, audit.Fact],
    ) -> None:
        self._session = session
        self._actor = actor
        self._server_key = installation.key.public_jwk
        self._items = items
        self._facts = facts
        self._desk = self._open_desk()

    def __call__(self, item: PushItem) -> Outcome:
        """Apply one item; one that fails is undone and quarantined, and the others go on."""
        if item.defect is not None:
            return self._keep(self._quarantine(item, item.defect.code))
        try:
            with audit.savepoint(self._session):
                accepted = HANDLERS[item.kind](self._session, self._desk, item)
        except (OperationalError, InterfaceError, InternalError):
            raise  # the database is busy or gone: the phone sends the whole batch again
        except Exception:
            log.exception("an item failed", extra={"op": str(item.op)})
            self._session.expire_all()
            self._desk = self._open_desk()
            accepted = self._quarantine(item, "item.failed")
        return self._keep(accepted)

    def _open_desk(self) -> Desk:
        return inspections.open_desk(self._session, self._actor, self._items, self._server_key)

    def _keep(self, accepted: Accepted) -> Outcome:
        self._facts[accepted.outcome.op] = accepted.fact
        return accepted.outcome

    def _quarantine(self, item: PushItem, reason: str) -> Accepted:
        self._session.add(
            QuarantinedItem(
                op=item.op,
                person_id=self._actor.person_id,
                device_id=self._actor.device_id,
                reason=reason,
                raw=item.raw_text().encode("ascii"),
                received_at=clock.now(),
            )
        )
        self._session.flush()
        fact = audit.append(
            self._session,
            self._actor,
            "item.quarantined",
            ("operation", item.op),
            {"kind": item.kind, "reason": reason},
        )
        return Accepted(Outcome(item.op, "quarantined", item.content, rev=item.rev, reason=reason), fact)


def statuses(session: Session, actor: Actor, ops: Collection[UUID]) -> list[Json]:
    """Tell what became of one's own operations; `unknown` for those that never came, or are another's."""
    require(actor, Permission.SYNC)
    query = select(PushedOperation).where(
        PushedOperation.op.in_(ops), PushedOperation.person_id == actor.person_id
    )
    replies = {row.op: row.reply for row in session.scalars(query)}
    return [replies.get(op) or {"op": str(op), "outcome": "unknown"} for op in ops]


def missing_revisions(session: Session, actor: Actor, revs: Sequence[str]) -> list[str]:
    """List those revisions whose bytes are not here, in the order they were offered."""
    require(actor, Permission.SYNC)
    held = set(session.scalars(select(Revision.rev).where(Revision.rev.in_(revs))))
    return [rev for rev in dict.fromkeys(revs) if rev not in held]
