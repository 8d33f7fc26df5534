"""What became of one pushed operation."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, get_args
from uuid import UUID

OutcomeName = Literal["accepted", "accepted_late", "quarantined", "op_reuse", "retry"]
OUTCOMES: tuple[OutcomeName, ...] = get_args(OutcomeName)
SAFE: frozenset[OutcomeName] = frozenset({"accepted", "accepted_late", "quarantined"})
"""Outcomes after which the bytes are the server's to keep."""


@dataclass(frozen=True)
class Finding:
    """What re-validation found at one path of the instance; it informs, it never blocks the push."""

    path: str
    kind: str
    message: str


@dataclass(frozen=True)
class Outcome:
    """The server's answer to one operation, as it is kept and replayed.

    `content` is the `sync.content_hash` of what is answered; `seq` and `hash` are those of the audit
    entry and stand with `receipt` in every settled outcome.
    """

    op: UUID
    outcome: OutcomeName
    content: str
    rev: str | None = None
    reason: str | None = None
    flags: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    media_missing: tuple[str, ...] = ()
    record_state: str | None = None
    heads: tuple[str, ...] = ()
    seq: int | None = None
    hash: str | None = None
    receipt: str | None = None
    replayed: bool = False

    def settled(self, seq: int, entry_hash: str, receipt: str) -> "Outcome":
        """Add where it stands in the audit chain, and the server's word for it."""
        return replace(self, seq=seq, hash=entry_hash, receipt=receipt)

    def replay(self) -> "Outcome":
        """Give the same answer to a retry."""
        return replace(self, replayed=True)

    def as_json(self) -> dict[str, Any]:
        """Write every field, as it goes over the wire and into the ledger."""
        findings = [
            {"path": found.path, "kind": found.kind, "message": found.message} for found in self.findings
        ]
        return vars(self) | {
            "op": str(self.op),
            "flags": list(self.flags),
            "findings": findings,
            "media_missing": list(self.media_missing),
            "heads": list(self.heads),
        }

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> "Outcome":
        """Read what `as_json` wrote.

        Fields of a later version are ignored. Raises KeyError, TypeError, ValueError.
        """
        if body["outcome"] not in OUTCOMES:
            raise ValueError(f"unknown outcome {body['outcome']!r}")
        known = {field.name: body[field.name] for field in fields(cls) if field.name in body}
        known["op"] = UUID(body["op"])
        for name in ("flags", "media_missing", "heads"):
            known[name] = tuple(body.get(name) or ())
        known["findings"] = tuple(
            Finding(found["path"], found["kind"], found["message"]) for found in body.get("findings") or ()
        )
        return cls(**known)
