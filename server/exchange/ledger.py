"""The push ledger in the database: one row per operation, so that a retry gets the same answer."""

from collections.abc import Mapping, Sequence
from operator import itemgetter
from uuid import UUID

from sqlalchemy import Table, delete, select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor
from server.audit import Fact
from server.db import Json
from server.exchange.models import PushedOperation
from server.installation import Installation
from server.rows import insert_new, update_rows
from sync import Outcome, PushItem, Receipt, ServerKey

_OPERATIONS: Table = PushedOperation.__table__  # type: ignore[assignment]


def told_again(reply: Json, key: ServerKey) -> Json:
    """Give a stored answer, with its receipt signed anew where the key that signed it was lost."""
    given = reply.get("receipt")
    return {**reply, "receipt": key.sign_again(given)} if given else reply


class SqlLedger:
    """The operations of one push, each by who is named with it; implements `sync.Ledger`.

    All are claimed at once when it is made, ordered, so that two pushes of the same operations wait for each
    other and never in a circle. `facts` has to hold the fact of every outcome by the time they are settled.
    """

    def __init__(
        self,
        session: Session,
        installation: Installation,
        items: Sequence[PushItem],
        people: Mapping[UUID, Actor],
    ) -> None:
        self._session = session
        self._people = people
        self._installation = installation
        self.facts: dict[UUID, Fact] = {}
        by_op = {item.op: item for item in items}
        claimed = self._claim_all(by_op)
        self._earlier = self._find(by_op.keys() - claimed)

    def claim(self, op: UUID) -> Outcome | None:
        """Take an operation to apply, or give the outcome it already had."""
        return self._earlier.get(op)

    def release(self, op: UUID) -> None:
        """Forget a claim: the operation changed nothing and will be sent again."""
        self._session.execute(delete(PushedOperation).where(PushedOperation.op == op))

    def settle(self, outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
        """Seal the audit log, sign a receipt for each outcome and keep it. Nothing slow comes after this."""
        audit.seal(self._session)
        at, epoch = clock.now(), self._installation.epoch
        settled = []
        for outcome in outcomes:
            fact = self.facts[outcome.op]
            receipt = Receipt(
                epoch,
                str(outcome.op),
                outcome.content,
                outcome.rev,
                outcome.outcome,
                fact.seq,
                fact.hash,
                at,
            )
            settled.append(outcome.settled(fact.seq, fact.hash, self._installation.key.sign_receipt(receipt)))
        answers = [{"op": each.op, "reply": each.as_json(), "seq": each.seq} for each in settled]
        update_rows(self._session, _OPERATIONS, sorted(answers, key=itemgetter("op")))
        return settled

    def _claim_all(self, by_op: dict[UUID, PushItem]) -> set[UUID]:
        rows = [
            {
                "op": op,
                "person_id": self._people[op].person_id,
                "content": item.content,
                "at": clock.now(),
            }
            for op, item in sorted(by_op.items())
        ]
        return insert_new(self._session, _OPERATIONS, rows)

    def _find(self, ops: set[UUID]) -> dict[UUID, Outcome]:
        if not ops:
            return {}
        rows = self._session.scalars(select(PushedOperation).where(PushedOperation.op.in_(ops)))
        return {
            row.op: Outcome.from_json(told_again(row.reply, self._installation.key))
            if row.reply and row.person_id == self._people[row.op].person_id
            # Somebody else's operation: its answer is not ours to give, and its id is spent.
            else Outcome(row.op, "op_reuse", content="")
            for row in rows
        }
