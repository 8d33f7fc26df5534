"""Push and pull: the server side of `sync`."""

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import islice
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require
from server.db import Json, is_gone, is_postgresql
from server.exchange.ledger import SqlLedger, told_again
from server.exchange.models import PushedOperation, QuarantinedItem
from server.inspections import service as inspections
from server.inspections.models import OperationReuse
from server.inspections.service import Accepted, Desk
from server.installation import Installation
from server.together import CrossedError
from sync import Outcome, Push, PushItem, push

log = logging.getLogger("merestone.exchange")

Handler = Callable[[Session, Desk, PushItem], Accepted]

HANDLERS: Mapping[str, Handler] = {
    "revision": inspections.accept_revision,
    "attest": inspections.accept_attestation,
}


def take_push(
    session: Session,
    actor: Actor,
    installation: Installation,
    given: Push,
    objections: Mapping[str, str] | None = None,
) -> list[Outcome]:
    """Apply a phone's operations in order, a savepoint each, and answer each with a receipt.

    One transaction: effect, ledger, feed and audit log. Raises EpochDiffers before anything is touched, and CrossedError
    where it is all to be undone and done again.
    `objections`: revisions that are to be held, and why, see `Desk`.
    """
    require(actor, Permission.SYNC)
    installation.epoch_for(given.epoch)
    return _take(session, installation, [(actor, item) for item in given.items], objections or {})


class NotTogetherError(Exception):
    """Some pushes can't be taken in one transaction; each can be alone."""


def take_pushes(
    session: Session, installation: Installation, brought: Sequence[tuple[Actor, Push]]
) -> list[list[Outcome]]:
    """Apply the pushes of several phones in one transaction as `take_push` does each.

    Raises NotTogetherError before anything is judged where one person brings several, an operation comes twice, or
    somebody brings what others sealed; EpochDiffers where any of them believes in another epoch; CrossedError as there.
    """
    if len(brought) == 1:
        [(actor, given)] = brought
        return [take_push(session, actor, installation, given)]
    for actor, given in brought:
        require(actor, Permission.SYNC)
        installation.epoch_for(given.epoch)
    each = [(actor, item) for actor, given in brought for item in given.items]
    operations = {item.op for _, given in brought for item in given.items}
    if len({actor.person_id for actor, _ in brought}) < len(brought) or len(operations) < len(each):
        raise NotTogetherError
    outcomes = iter(_take(session, installation, each, {}))
    return [list(islice(outcomes, len(given.items))) for _, given in brought]


def take_together(
    session: Session,
    installation: Installation,
    brought: Sequence[tuple[Actor, PushItem]],
    objections: Mapping[str, str],
) -> list[Outcome]:
    """Apply one operation of each of several people as `take_push` does, in one go.

    Nobody else's work is taken from them: what they bring is not signed.
    """
    for actor, _ in brought:
        require(actor, Permission.SYNC)
    return _take(session, installation, brought, objections)


def _take(
    session: Session,
    installation: Installation,
    brought: Sequence[tuple[Actor, PushItem]],
    objections: Mapping[str, str],
) -> list[Outcome]:
    people = {item.op: actor for actor, item in brought}
    items = [item for _, item in brought]
    ledger = SqlLedger(session, installation, items, people)
    _note_reuses(session, people, items, ledger)
    fresh = {item.op: item for item in reversed(items) if ledger.claim(item.op) is None}
    key = installation.key.public_jwk
    apply = Applying(session, people, key, list(fresh.values())[::-1], objections)
    ledger.facts = apply.facts
    outcomes = push(items, apply, ledger)
    if inspections.have_crossed(session, apply.desks, apply.items):
        raise CrossedError
    return outcomes


def _note_reuses(
    session: Session, people: Mapping[UUID, Actor], items: Sequence[PushItem], ledger: SqlLedger
) -> None:
    """Write down what comes under an operation id that is spent, once each: reviewers are asked about it."""
    first: dict[UUID, str] = {}
    rows = {}
    for item in items:
        earlier = ledger.claim(item.op)
        content = earlier.content if earlier else first.setdefault(item.op, item.content)
        if content != item.content:
            rows[item.op, item.content] = {
                "op": item.op,
                "content": item.content,
                "rev": item.rev,
                "person_id": people[item.op].person_id,
                "device_id": people[item.op].device_id,
                "at": clock.now(),
            }
    if not rows:
        return
    insert = (postgresql.insert if is_postgresql(session) else sqlite.insert)(OperationReuse)
    fresh = insert.on_conflict_do_nothing().returning(OperationReuse.op, OperationReuse.rev)
    for op, rev in session.execute(fresh, list(rows.values())).all():
        audit.append(session, people[op], "operation.reused", ("operation", op), {"rev": rev})


class Applying:
    """Applies the items of one push; implements `sync.Apply`.

    They are written together first, each row once, behind one savepoint. Only if that fails, because one of them does or
    somebody else brought the same revision just now, the bytes of all are stored, and they are applied again one by one,
    a savepoint each, so that the one that fails is undone and quarantined and the others go on.
    """

    def __init__(
        self,
        session: Session,
        people: Mapping[UUID, Actor],
        server_key: Mapping[str, str],
        items: Sequence[PushItem],
        objections: Mapping[str, str],
    ) -> None:
        self.facts: dict[UUID, audit.Fact] = {}
        self.items = items
        self.desks: list[Desk] = []
        """All that were opened, those of what was undone too."""
        self._session = session
        self._people = people
        self._server_key = server_key
        self._objections = objections
        self._desks = self._open_desks(store=False)
        self._authors = self._foreign_authors()
        if self._authors:  # whatever is said of its author, what came was brought by the sender
            self._desks = self._open_desks(store=True)
        accepted = self._try(*items)
        self._accepted = {} if accepted is None else {each.outcome.op: each for each in accepted}

    def __call__(self, item: PushItem) -> Outcome:
        """Apply one item, or say what it came to when all were applied together."""
        accepted = self._accepted.get(item.op)
        if accepted is None:
            # Twice: somebody else may have made its record just now.
            alone = self._try(item) or self._try(item)
            accepted = self._quarantine(item, "item.failed") if alone is None else alone[0]
        self.facts[item.op] = accepted.fact
        return accepted.outcome

    def _open_desks(self, *, store: bool) -> dict[UUID, Desk]:
        """Open the desks of all who bring something, by the person; they share what is not one person's."""
        by_person: dict[UUID, list[PushItem]] = {}
        for item in self.items:
            by_person.setdefault(self._people[item.op].person_id, []).append(item)
        brought = [(self._people[items[0].op], items) for items in by_person.values()]
        desks = inspections.open_desks(self._session, brought, self._server_key, store=store)
        for desk in desks:
            desk.objections = self._objections
        self.desks += desks
        return dict(zip(by_person, desks, strict=True))

    def _foreign_authors(self) -> dict[UUID, Actor]:
        """Name by operation who proves to have sealed what somebody else brings. Raises NotTogetherError for several."""
        if len(self._desks) > 1:
            if any(inspections.is_foreign(self._desk_of(item), item) for item in self.items):
                raise NotTogetherError
            return {}
        return {
            op: author
            for desk in self._desks.values()
            for op, author in inspections.authors_of(self._session, desk, self.items).items()
        }

    def _try(self, *items: PushItem) -> list[Accepted] | None:
        """Apply items behind a savepoint; None when they were undone because one of them failed."""
        try:
            with audit.savepoint(self._session):
                return [each for author, run in self._runs(items) for each in self._apply_run(author, run)]
        except Exception as error:
            if is_gone(error):
                raise  # the phone sends the whole batch again
            log.exception("items failed", extra={"ops": [str(item.op) for item in items]})
            self._session.expire_all()
            self._desks = self._open_desks(store=True)
            return None

    def _runs(self, items: Sequence[PushItem]) -> Iterator[tuple[Actor | None, Sequence[PushItem]]]:
        return (
            inspections.runs_of(items, self._authors)
            if self._authors
            else iter([(None, items)] if items else [])
        )

    def _apply_run(self, author: Actor | None, run: Sequence[PushItem]) -> list[Accepted]:
        """Apply items of one author. What others sealed needs a desk of its author's, opened when its turn comes."""
        if self._authors:
            sender = self._people[run[0].op]
            relay = (author, sender) if author else (sender, None)
            desk = inspections.open_desk(self._session, relay[0], run, self._server_key, relay[1], store=True)
            self.desks.append(desk)
            accepted = [self._apply(desk, item) for item in run]
        else:
            accepted = [self._apply(desk := self._desk_of(item), item) for item in run]
        inspections.settle_desk(self._session, desk)
        return accepted

    def _desk_of(self, item: PushItem) -> Desk:
        return self._desks[self._people[item.op].person_id]

    def _apply(self, desk: Desk, item: PushItem) -> Accepted:
        if item.defect is not None:
            return self._quarantine(item, item.defect.code)
        return HANDLERS[item.kind](self._session, desk, item)

    def _quarantine(self, item: PushItem, reason: str) -> Accepted:
        actor = self._people[item.op]
        self._session.add(
            QuarantinedItem(
                op=item.op,
                person_id=actor.person_id,
                device_id=actor.device_id,
                reason=reason,
                raw=item.raw_text().encode("ascii"),
                received_at=clock.now(),
            )
        )
        self._session.flush()
        inspections.hold_item(self._session, self._desk_of(item), item, reason)
        fact = audit.append(
            self._session,
            actor,
            "item.quarantined",
            ("operation", item.op),
            {"kind": item.kind, "reason": reason},
        )
        return Accepted(Outcome(item.op, "quarantined", item.content, rev=item.rev, reason=reason), fact)


def statuses(session: Session, actor: Actor, installation: Installation, ops: Collection[UUID]) -> list[Json]:
    """Tell what became of one's own operations; `unknown` for those that never came, or are another's."""
    require(actor, Permission.SYNC)
    query = select(PushedOperation).where(
        PushedOperation.op.in_(ops), PushedOperation.person_id == actor.person_id
    )
    key = installation.key
    replies = {row.op: told_again(row.reply, key) for row in session.scalars(query) if row.reply}
    return [replies.get(op) or {"op": str(op), "outcome": "unknown"} for op in ops]


def receipts(session: Session, ops: Collection[UUID]) -> list[str]:
    """Return the receipts that were given for some operations, in the order of the audit log."""
    query = select(PushedOperation).where(PushedOperation.op.in_(ops), PushedOperation.reply.is_not(None))
    return [row.reply["receipt"] for row in session.scalars(query.order_by(PushedOperation.seq)) if row.reply]
