"""The push ledger.

What a phone sends is applied at most once, in its order, and nothing is refused for its content.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sync.fields import BadField, Fields
from sync.item import PushItem, read_item
from sync.outcome import Outcome
from sync.strict_json import NotJson, check_storable, read_object

MAX_BODY = 1024 * 1024
MAX_ITEMS = 50
ENVELOPE = 1024
"""Bytes of a body that a phone leaves for all that is not an item."""


class BadEnvelope(ValueError):
    """The push as a whole is unreadable: nothing of it was looked at, and the phone sends smaller halves.

    `code`: push.not-json, push.missing-field, push.bad-field, push.bad-op, push.too-large or
    push.too-many-items.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class EnvelopeTooLarge(BadEnvelope):
    """Over `MAX_BODY` bytes or `MAX_ITEMS` items: the phone halves its batch."""


@dataclass(frozen=True)
class Push:
    """A readable push: the epoch the phone believes in, its batch id, and its items in order."""

    epoch: str
    batch: UUID
    items: tuple[PushItem, ...]


class Ledger(Protocol):
    """Remembers one person's operations and their outcomes, so that a retry gets the same answer."""

    def claim(self, op: UUID) -> Outcome | None:
        """Take an operation to apply, or give the outcome it already had.

        Waits for another push of the same operation to finish.
        """

    def release(self, op: UUID) -> None:
        """Forget a claim: the operation changed nothing and will be sent again."""

    def settle(self, outcomes: Sequence[Outcome]) -> Sequence[Outcome]:
        """Keep the outcomes of one batch and give them back numbered and receipted (seq, hash, receipt).

        Called once and last, so that the append lock is taken once per batch and held for nothing else.
        """


Apply = Callable[[PushItem], Outcome]
"""Does one operation and says what became of it.

It takes items with a `defect` too, to quarantine them; it undoes an item that fails half-way by itself (a
savepoint) and quarantines it. What it raises ends the whole batch, of which then nothing may be kept. Bytes
that are known already under another operation are accepted again without a second effect. The outcome's
`content` must be the item's.
"""


def push(items: Sequence[PushItem], apply: Apply, ledger: Ledger) -> list[Outcome]:
    """Apply a phone's operations in its order, each at most once, and answer each.

    The same operation with the same content gets its stored outcome again, marked `replayed`; with other
    content it gets `op_reuse`. An outcome `retry` is not kept.
    """
    answers: list[Outcome | None] = []
    fresh: dict[UUID, Outcome] = {}
    for item in items:
        if item.op in fresh:
            answers.append(None)
        elif earlier := ledger.claim(item.op):
            answers.append(_answer_again(item, earlier))
        elif (outcome := apply(item)).outcome == "retry":
            ledger.release(item.op)
            answers.append(outcome)
        else:
            fresh[item.op] = outcome
            answers.append(None)
    settled = {outcome.op: outcome for outcome in (ledger.settle(tuple(fresh.values())) if fresh else ())}
    return _fill_in(items, answers, settled)


def _fill_in(
    items: Sequence[PushItem], answers: Sequence[Outcome | None], settled: Mapping[UUID, Outcome]
) -> list[Outcome]:
    """Put settled outcomes in their places.

    A second item of the same operation is answered as a retry of it.
    """
    filled: list[Outcome] = []
    given: set[UUID] = set()
    for item, answer in zip(items, answers, strict=True):
        if answer is not None:
            filled.append(answer)
        else:
            filled.append(_answer_again(item, settled[item.op]) if item.op in given else settled[item.op])
            given.add(item.op)
    return filled


def _answer_again(item: PushItem, earlier: Outcome) -> Outcome:
    if earlier.content == item.content:
        return earlier.replay()
    return Outcome(item.op, "op_reuse", content=item.content, rev=item.rev, reason="op.reused")


def read_push_bytes(data: bytes) -> Push:
    """Read a complete request body. Raises BadEnvelope."""
    if len(data) > MAX_BODY:
        raise EnvelopeTooLarge(
            "push.too-large", f"一次推送不得超过 {MAX_BODY} 字节。 A push is at most {MAX_BODY} bytes."
        )
    try:
        body = read_object(data)
    except NotJson as error:
        raise BadEnvelope("push.not-json", str(error)) from error
    return _read_checked(body)


def read_push(body: Mapping[str, Any]) -> Push:
    """Read a parsed request body. Raises BadEnvelope; an unreadable item becomes one with a defect."""
    try:
        check_storable(dict(body))
    except NotJson as error:
        raise BadEnvelope("push.not-json", str(error)) from error
    return _read_checked(body)


def _read_checked(body: Mapping[str, Any]) -> Push:
    try:
        fields = Fields(body)
        epoch, batch = fields.name("epoch", longest=64), fields.uuid("batch")
        if isinstance(body.get("items"), list) and len(body["items"]) > MAX_ITEMS:
            message = f"一次推送不得超过 {MAX_ITEMS} 项。 A push has at most {MAX_ITEMS} items."
            raise EnvelopeTooLarge("push.too-many-items", message)
        items = fields.items("items", most=MAX_ITEMS)
    except BadField as error:
        raise BadEnvelope("push.missing-field" if error.missing else "push.bad-field", str(error)) from error
    try:
        return Push(epoch, batch, tuple(read_item(items.part(index).body) for index in items))
    except BadField as error:
        raise BadEnvelope("push.bad-op", str(error)) from error
