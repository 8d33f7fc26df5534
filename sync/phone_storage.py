"""A phone written down as JSON, so that it outlives the app that wrote it; and the file of last resort.

Fields are only ever added. An app reads what the version before it wrote, and what the version after it wrote
(after a step back): fields it does not know are kept and written again.
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any
from uuid import UUID

from sync.outcome import Outcome
from sync.phone_state import HeldItem, Limits, PhoneState, Stub
from sync.sealing import SealedOp
from sync.strict_json import write_object
from sync.view import Entity, Key, View

FORMAT = 2
"""In format 1 an entity named its feeds without their numbers."""


class UnreadableState(ValueError):
    """The JSON is no phone, or one of a version that is too far away. Keep it: its operations can be sent."""


def state_as_json(state: PhoneState) -> dict[str, Any]:
    """Write everything; the same state always gives the same JSON."""
    return {**state.extra, "format": FORMAT} | {
        name: write(getattr(state, name)) for name, (write, _) in _FIELDS.items()
    }


def state_from_json(body: Mapping[str, Any]) -> PhoneState:
    """Read a phone of this format or of one beside it. Raises UnreadableState."""
    version = body.get("format")
    if not isinstance(version, int) or abs(version - FORMAT) > 1:
        raise UnreadableState(f"format {version!r} is not read by format {FORMAT}")
    try:
        known = {name: read(body[name]) for name, (_, read) in _FIELDS.items() if name in body}
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UnreadableState(f"no phone: {error!r}") from error
    extra = {name: value for name, value in body.items() if name not in _FIELDS and name != "format"}
    return PhoneState(**known, extra=extra)


def export_outbox(state: PhoneState) -> str:
    """Write all that is not known to be safe as lines of JSON, oldest first: the items of `POST /sync/push`.

    What is set aside is among them. Files are not.
    """
    return "".join(write_object(dict(op.item)).decode() + "\n" for op in state.outbox)


def _same(value: Any) -> Any:
    return value


def _write_entities(entities: Mapping[Key, Entity]) -> list[dict[str, Any]]:
    return [
        {"kind": kind, "id": name, "n": entity.n, "body": entity.body, "via": dict(entity.via)}
        for (kind, name), entity in sorted(entities.items())
    ]


def _read_entities(body: list[Mapping[str, Any]]) -> dict[Key, Entity]:
    return {
        (each["kind"], each["id"]): Entity(each["n"], each["body"], _read_via(each["via"], each["n"]))
        for each in body
    }


def _read_via(via: Mapping[str, int] | list[str], n: int) -> dict[str, int]:
    return dict.fromkeys(via, n) if isinstance(via, list) else dict(via)


def _write_view(view: View) -> dict[str, Any]:
    seen = None if view.seen is None else [[*key, sorted(feeds)] for key, feeds in sorted(view.seen.items())]
    return {
        "entities": _write_entities(view.entities),
        "withdrawn": _write_entities(view.withdrawn),
        "seen": seen,
    }


def _read_view(body: Mapping[str, Any]) -> View:
    seen = body["seen"]
    return View(
        _read_entities(body["entities"]),
        _read_entities(body["withdrawn"]),
        None if seen is None else {(kind, name): frozenset(feeds) for kind, name, feeds in seen},
    )


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)


def _uuid(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


def _write_op(op: SealedOp) -> dict[str, Any]:
    return {
        "op": str(op.op),
        "kind": op.kind,
        "rev": op.rev,
        "content": op.content,
        "item": dict(op.item),
        "record": _text(op.record),
        "task": _text(op.task),
        "media": list(op.media),
        "ours": op.ours,
    }


def _read_op(body: Mapping[str, Any]) -> SealedOp:
    return SealedOp(
        UUID(body["op"]),
        body["kind"],
        body["rev"],
        body["content"],
        body["item"],
        _uuid(body["record"]),
        _uuid(body["task"]),
        tuple(body["media"]),
        body.get("ours", True),
    )


def _write_stub(stub: Stub) -> dict[str, Any]:
    return {
        "op": str(stub.op),
        "kind": stub.kind,
        "rev": stub.rev,
        "content": stub.content,
        "record": _text(stub.record),
        "task": _text(stub.task),
        "media": list(stub.media),
        "receipt": stub.receipt.as_json(),
    }


def _read_stub(body: Mapping[str, Any]) -> Stub:
    return Stub(
        UUID(body["op"]),
        body["kind"],
        body["rev"],
        body["content"],
        _uuid(body["record"]),
        _uuid(body["task"]),
        tuple(body["media"]),
        Outcome.from_json(body["receipt"]),
    )


def _write_held(held: Mapping[str, HeldItem]) -> list[dict[str, Any]]:
    return [{"record": str(each.record), "item": dict(each.item)} for each in held.values()]


def _read_held(body: list[Mapping[str, Any]]) -> dict[str, HeldItem]:
    return {each["item"]["rev"]: HeldItem(UUID(each["record"]), each["item"]) for each in body}


def _read_receipts(body: Mapping[str, Any]) -> dict[UUID, Outcome]:
    return {UUID(op): Outcome.from_json(outcome) for op, outcome in body.items()}


_Codec = tuple[Callable[[Any], Any], Callable[[Any], Any]]
_SET: _Codec = (sorted, frozenset)
_IDS: _Codec = (lambda ids: [str(each) for each in ids], lambda body: tuple(map(UUID, body)))
_FIELDS: Mapping[str, _Codec] = {
    each.name: (_same, _same) for each in fields(PhoneState) if each.name != "extra"
} | {
    "view": (_write_view, _read_view),
    "drafts": (
        lambda drafts: {str(record): str(task) for record, task in drafts.items()},
        lambda body: {UUID(record): UUID(task) for record, task in body.items()},
    ),
    "ops": (lambda ops: [_write_op(op) for op in ops], lambda body: tuple(map(_read_op, body))),
    "receipts": (
        lambda receipts: {str(op): outcome.as_json() for op, outcome in receipts.items()},
        _read_receipts,
    ),
    "unconfirmed": (
        lambda ops: sorted(map(str, ops)),
        lambda body: frozenset(map(UUID, body)),
    ),
    "stubs": (
        lambda stubs: [_write_stub(stub) for stub in stubs.values()],
        lambda body: {stub.op: stub for stub in map(_read_stub, body)},
    ),
    "stuck": (
        lambda stuck: {str(op): status for op, status in stuck.items()},
        lambda body: {UUID(op): status for op, status in body.items()},
    ),
    "held": (_write_held, _read_held),
    "suspects": _IDS,
    "limits": (
        lambda limits: {each.name: getattr(limits, each.name) for each in fields(Limits)},
        Limits.from_json,
    ),
    "waits": (dict, dict),
    "failures": (dict, dict),
    "asked": (dict, dict),
    **dict.fromkeys(("media_wanted", "media_unsure", "media_durable", "to_reoffer", "to_repair"), _SET),
}
