"""What must hold when everything has come to rest: I1 to I10, asked of a real database and of phones.

Each invariant yields a sentence for every way in which it does not hold.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from media import Store
from server import audit
from server.accounts.models import Person, Region
from server.accounts.regions import channel_of
from server.audit import AuditEntry
from server.evidence.service import missing
from server.exchange.models import PushedOperation, QuarantinedItem
from server.exchange.pulling import BODIES
from server.feed import FeedRow, channel, user
from server.http import App
from server.inspections.models import Assignment, Attestation, Record, Revision, Task
from server.messages import Message
from sync import SAFE, PhoneState, SealedOp, unseal

Json = Mapping[str, Any]
OF_AN_OPERATION = (
    "revision.accepted",
    "revision.quarantined",
    "revision.repeated",
    "attestation.accepted",
    "item.quarantined",
)


@dataclass(frozen=True)
class Held:
    """What a phone holds at the end: its state, its files, and the cursors it has had, by epoch."""

    name: str
    person: UUID
    state: PhoneState
    files: Mapping[str, bytes]
    cursors: Sequence[tuple[str | None, str | None]]


@dataclass
class Rest:
    """A server and its phones at rest.

    `answers` are all that the server of this timeline ever gave to pushes, lost on the way or not; `undone`
    those of timelines that a restore ended. `kept` names the kinds that phones are shown.
    """

    app: App
    session: Session
    phones: Sequence[Held]
    answers: Sequence[Json]
    undone: Sequence[Json] = ()
    kinds: Sequence[str] = ("task", "record", "object", "form", "message")
    _bytes: dict[str, bytes] = field(default_factory=dict)
    _shown: list[tuple[Held, dict[tuple[str, str], Any]]] = field(default_factory=list)

    @property
    def ops(self) -> dict[str, SealedOp]:
        """Every operation that any phone holds, by its id."""
        return {str(op.op): op for phone in self.phones for op in phone.state.ops}

    def revision_bytes(self) -> dict[str, bytes]:
        if not self._bytes:
            rows = self.session.execute(select(Revision.rev, Revision.data))
            self._bytes = {row.rev: row.data for row in rows}
        return self._bytes

    def views(self) -> list[tuple[Held, dict[tuple[str, str], Any]]]:
        """Pair each phone with all that its person may see."""
        if not self._shown:
            self._shown = list(_views(self))
        return self._shown

    def lacks(self, rev: str | None) -> str | None:
        """Say what is wrong with a revision's bytes on the server, if anything."""
        data = self.revision_bytes().get(rev or "")
        if data is None:
            return "is not there"
        return None if f"sha256:{hashlib.sha256(data).hexdigest()}" == rev else "has other bytes"


def safe(answers: Sequence[Json]) -> Iterator[Json]:
    """Choose the answers that promise something."""
    return (each for each in answers if each["outcome"] in SAFE)


def i1_what_was_receipted_is_there(rest: Rest) -> Iterator[str]:
    """Every receipted revision is on the server with identical bytes."""
    ops = rest.ops
    for answer in safe(rest.answers):
        op = ops.get(answer["op"])
        if op is not None and op.kind == "revision" and (fault := rest.lacks(answer["rev"])):
            yield f"receipted {answer['rev'][:20]} {fault}"


def i2_every_operation_has_one_effect(rest: Rest) -> Iterator[str]:
    """Each operation has one audit entry, one row of the ledger and one answer; each revision came in once."""
    entries = rest.session.execute(
        select(AuditEntry.action, AuditEntry.subject, AuditEntry.details).where(
            AuditEntry.action.in_(OF_AN_OPERATION)
        )
    ).all()
    facts = Counter(
        subject if action == "item.quarantined" else details["op"]
        for action, subject, details in entries
        if action == "item.quarantined" or "op" in details  # what a person admitted came of no operation
    )
    yield from (f"operation {op} has {count} audit entries" for op, count in facts.items() if count > 1)
    ledger = {str(op): reply for op, reply in rest.session.execute(_LEDGER)}
    yield from (f"operation {op} of the ledger has no audit entry" for op in ledger.keys() - facts.keys())
    yield from (f"operation {op} has an effect and no receipt" for op in facts.keys() - ledger.keys())
    accepted = Counter(subject for action, subject, _ in entries if action == "revision.accepted")
    yield from (f"{rev[:20]} came in {count} times" for rev, count in accepted.items() if count > 1)
    cosigned = rest.session.execute(
        select(Attestation.rev, func.count()).group_by(
            Attestation.rev, Attestation.role, Attestation.person_id
        )
    )
    yield from (f"{rev[:20]} was attested {count} times by one" for rev, count in cosigned if count > 1)
    for answer in safe(rest.answers):
        kept = ledger.get(answer["op"]) or {}
        if {**kept, "replayed": None} != {**answer, "replayed": None}:
            yield f"operation {answer['op']} was answered otherwise than the ledger says"


_LEDGER = select(PushedOperation.op, PushedOperation.reply)


def i3_every_phone_shows_what_is_visible(rest: Rest) -> Iterator[str]:
    """After healing, outboxes and duties are empty, and each phone shows the visible set in its newest state."""
    for phone in rest.phones:
        state = phone.state
        if state.outbox or state.need_reoffer or state.need_sweep:
            yield f"{phone.name} is not done: {len(state.outbox)} to push, {state.need_reoffer=}"
    for phone, shown in rest.views():
        entities = phone.state.view.entities
        for key in shown.keys() - entities.keys():
            yield f"{phone.name} does not show {key}"
        for key in shown.keys() & entities.keys():
            if _plain(rest, entities[key].body) != shown[key]:
                yield f"{phone.name} shows an old {key}"


def i4_every_file_is_there(rest: Rest) -> Iterator[str]:
    """Every file that a revision vouches for has come whole, byte for byte, and the server knows it."""
    promised = {sha256 for op in rest.ops.values() for sha256 in op.media}
    yield from (f"the server knows of no file {each[:12]}" for each in missing(rest.session, promised))
    for phone in rest.phones:
        for op in phone.state.ops:
            for sha256 in op.media:
                content = _stored(rest.app.store, sha256)
                if content is None:
                    yield f"a file of {op.rev[:20]} by {phone.name} is not in the store"
                elif content != phone.files[sha256]:
                    yield f"a file of {op.rev[:20]} by {phone.name} has other bytes"


def i5_the_chain_holds_and_receipts_lie_on_it(rest: Rest) -> Iterator[str]:
    """The audit chain has no gap, and every receipt's number and hash stand in it."""
    fault = audit.verify_chain(rest.session)
    if fault is not None:
        yield f"the audit chain breaks at {fault}"
    rows = rest.session.execute(select(AuditEntry.seq, AuditEntry.hash, AuditEntry.subject)).all()
    entries = {seq: (hashed, subject) for seq, hashed, subject in rows}
    for answer in safe(rest.answers):
        hashed, subject = entries.get(answer["seq"], ("", ""))
        if hashed != answer["hash"] or subject not in {answer["rev"], answer["op"]}:
            yield f"the receipt of {answer['op']} does not lie on the chain"


def i6_everything_sealed_is_there(rest: Rest) -> Iterator[str]:
    """Every operation sealed on a phone that is left is on the server, accepted or quarantined, as that person's work."""
    authors = {
        row.rev: row.author_id for row in rest.session.execute(select(Revision.rev, Revision.author_id))
    }
    cosigned = set(rest.session.scalars(select(Attestation.rev)))
    unread = set(rest.session.scalars(select(QuarantinedItem.op)))
    for phone in rest.phones:
        for op in phone.state.ops:
            if op.kind == "revision" and op.op not in unread and (fault := rest.lacks(op.rev)):
                yield f"{op.rev[:20]} of {phone.name} {fault}"
            if op.kind == "revision" and authors.get(op.rev, phone.person) != phone.person:
                yield f"{op.rev[:20]} of {phone.name} stands under another name"
            if op.kind == "attest" and op.rev not in cosigned and op.op not in unread:
                yield f"the attestation of {op.rev[:20]} by {phone.name} is not there"


def i7_no_phone_shows_what_it_may_not(rest: Rest) -> Iterator[str]:
    """No phone keeps live what is out of its scope."""
    for phone, shown in rest.views():
        for key in phone.state.view.entities.keys() - shown.keys():
            if key[0] in rest.kinds:
                yield f"{phone.name} still shows {key}"


def i8_nothing_is_overwritten_in_silence(rest: Rest) -> Iterator[str]:
    """Every revision of a record is a head of it, or an ancestor of one."""
    rows = rest.session.execute(
        select(Revision.record_id, Revision.rev, Revision.parents).where(Revision.record_id.is_not(None))
    ).all()
    graphs: dict[UUID, dict[str, Sequence[str]]] = defaultdict(dict)
    for record_id, rev, parents in rows:
        graphs[record_id][rev] = parents
    for record in rest.session.scalars(select(Record)):
        graph, reached, waiting = graphs[record.id], set(), list(record.heads)
        while waiting:
            rev = waiting.pop()
            if rev not in reached:
                reached.add(rev)
                waiting += graph.get(rev, ())
        yield from (f"{rev[:20]} leads to no head of its record" for rev in graph.keys() - reached)


def i9_cursors_only_go_on(rest: Rest) -> Iterator[str]:
    """Within an epoch a phone's cursor never goes back, but to the beginning."""
    secret = rest.app.installation.secret
    for phone in rest.phones:
        last = None
        for epoch, text in phone.cursors:
            cursor = unseal(text, secret) if text else None
            if cursor is not None and cursor.epoch != epoch:
                yield f"{phone.name} took a cursor of another epoch"
            if cursor and last and cursor.epoch == last.epoch and cursor.position < last.position:
                yield f"{phone.name} went back from {last.position} to {cursor.position}"
            last = cursor


def i10_what_a_restore_lost_has_come_again(rest: Rest) -> Iterator[str]:
    """After a restore and re-offers, what was receipted before is there again if any phone still holds it."""
    held = {op.rev for op in rest.ops.values() if op.kind == "revision"}
    for answer in safe(rest.undone):
        if answer["rev"] in held and (fault := rest.lacks(answer["rev"])):
            yield f"receipted before the restore, {answer['rev'][:20]} {fault}"


INVARIANTS: Mapping[str, Callable[[Rest], Iterator[str]]] = {
    "I1": i1_what_was_receipted_is_there,
    "I2": i2_every_operation_has_one_effect,
    "I3": i3_every_phone_shows_what_is_visible,
    "I4": i4_every_file_is_there,
    "I5": i5_the_chain_holds_and_receipts_lie_on_it,
    "I6": i6_everything_sealed_is_there,
    "I7": i7_no_phone_shows_what_it_may_not,
    "I8": i8_nothing_is_overwritten_in_silence,
    "I9": i9_cursors_only_go_on,
    "I10": i10_what_a_restore_lost_has_come_again,
}


def violations(rest: Rest) -> list[str]:
    """Say all that does not hold, each with its invariant."""
    return [f"{name}: {fault}" for name, holds in INVARIANTS.items() for fault in holds(rest)]


# What a person may see, from the tables of the business and not from the feed


def _views(rest: Rest) -> Iterator[tuple[Held, dict[tuple[str, str], Any]]]:
    visible = {phone.person: _visible(rest.session, phone.person) for phone in rest.phones}
    wanted = {key for keys in visible.values() for key in keys if key[0] in rest.kinds}
    bodies: dict[tuple[str, str], Any] = {}
    for kind in rest.kinds:
        of_kind = BODIES[kind](rest.session, {name for each, name in wanted if each == kind})
        bodies |= {(kind, name): _plain(rest, body) for name, body in of_kind.items()}
    for phone in rest.phones:
        yield phone, {key: bodies[key] for key in visible[phone.person] if key in bodies}


def _visible(session: Session, person: UUID) -> set[tuple[str, str]]:
    """A person sees the tasks one is on that are not withdrawn, their objects and records, all forms, and what was told.

    Told to oneself, or to a region: the person's own and those that it lies in.
    """
    on = select(Task.id, Task.object_id).join(Assignment, Assignment.task_id == Task.id)
    on = on.where(Assignment.person_id == person, Assignment.ended_at.is_(None), Task.state != "withdrawn")
    tasks = session.execute(on).all()
    records = session.scalars(select(Record.id).where(Record.task_id.in_([task.id for task in tasks])))
    forms = session.scalars(select(FeedRow.entity).where(FeedRow.recipient == channel("forms"), FeedRow.live))
    told = select(Message.id).where(
        Message.ended_at.is_(None), Message.recipient.in_(_hears(session, person))
    )
    return (
        {("message", str(each)) for each in session.scalars(told)}
        | {("task", str(task.id)) for task in tasks}
        | {("object", str(task.object_id)) for task in tasks}
        | {("record", str(each)) for each in records}
        | {("form", each) for each in forms}
    )


def _hears(session: Session, person: UUID) -> list[str]:
    lies_in = {each.code: each.parent for each in session.scalars(select(Region))}
    code, heard = session.get_one(Person, person).region, [user(person)]
    while code is not None:
        heard.append(channel(channel_of(code)))
        code = lies_in[code]
    return heard


def _plain(rest: Rest, body: Any) -> Any:
    """Write a body as the wire does, without what a task only repeats from elsewhere, as old as its own news.

    That is which version of a form is the newest, told by the form's own item, and what is known beforehand.
    """
    plain = json.loads(rest.app.json.dumps(body))
    for name in ("prefill", "prefill_sha256"):
        plain.pop(name, None)
    if isinstance(plain.get("forms"), list):
        plain["forms"] = [each["id"] for each in plain["forms"]]
    return plain


def _stored(store: Store, sha256: str) -> bytes | None:
    if not store.exists(sha256):
        return None
    with closing(store.open(sha256)) as reading:
        return b"".join(reading)
