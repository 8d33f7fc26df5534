"""What servers say to phones in the tests of `sync`, in short words."""

from datetime import UTC, datetime, timedelta
from uuid import uuid5

from sync import (
    Held,
    LoggedIn,
    Outcome,
    PageArrived,
    PhoneState,
    PushReplied,
    Sealed,
    SealedOp,
    step,
)
from sync.base64url import encode
from sync.item import read_item
from sync.strict_json import write_object
from tests.sync.sync_makers import SPACE

EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def moment(days=0, **more):
    """A moment of the server, so long after noon."""
    return NOON + timedelta(days=days, **more)


def milliseconds(days=0, **more):
    return (moment(days, **more) - EPOCH_START) // timedelta(milliseconds=1)


def after(state, *events):
    for event in events:
        state, _ = step(state, event)
    return state


def phone(*ops, epoch="E1"):
    """A phone that signed in and sealed some work."""
    return after(PhoneState(), LoggedIn("inspector1", epoch), *(Sealed(op) for op in ops))


def put(name, n=1, kind="task", **more):
    return {"op": "put", "kind": kind, "id": str(name), "n": n, "body": {"is": n}, **more}


def drop(name, kind="task", **more):
    return {"op": "drop", "kind": kind, "id": str(name), "n": 9, "why": "reassigned", **more}


def page(*items, at=None, to="c1", more=False, epoch="E1", asked_in="E1", durable=0, days=None):
    """A page; `days` after noon by the server's clock, where it tells its time."""
    body = {"epoch": epoch, "items": list(items), "next": to, "more": more, "durable_seq": durable}
    if days is not None:
        body["server_time"] = moment(days).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return PageArrived(asked_in, at, body)


def receipt(days=0):
    """A receipt that was signed so many days after noon; nobody checks the signature here."""
    return encode(write_object({"at": moment(days).isoformat()})) + ".sig"


def answer(op, outcome="accepted", seq=1, days=0, **more):
    told = Outcome(op.op, outcome, op.content, op.rev, seq=seq, hash="h", receipt=receipt(days), **more)
    return told.as_json()


def unknown(op):
    return {"op": str(op.op), "outcome": "unknown"}


def reply(*answers, epoch="E1", asked_in="E1"):
    return PushReplied(asked_in, {"epoch": epoch, "items": list(answers)})


def held(op, asked_in="E1"):
    """Somebody else's revision, as the server gives it."""
    return Held(asked_in, op.record, {name: value for name, value in op.item.items() if name != "op"})


def attested(rev, name="attest"):
    """A co-signature that is the same at every run; its signature holds for nobody."""
    item = {"op": str(uuid5(SPACE, name)), "kind": "attest", "rev": rev, "role": "lead"}
    item |= {"alg": "ES256", "key": "k:" + "A" * 43, "sig": "AAAA"}
    read = read_item(item)
    assert read.defect is None
    return SealedOp(read.op, read.kind, rev, read.content, item)
