"""What vouches for revisions in a package: signatures, co-signatures, and the life of the keys they were made with."""

from collections.abc import Iterator, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import clock
from server.accounts import keys
from server.accounts.keys import KeyRing
from server.accounts.models import DeviceKey, Person
from server.audit import AuditEntry
from server.db import Json, canonical_json
from server.inspections.models import Attestation, Revision
from server.packages.package import Part
from sync import ALGORITHM


class Signed:
    """Revisions with their co-signatures and the keys of both, fetched at once."""

    def __init__(self, session: Session, revisions: Sequence[Revision]) -> None:
        self._revisions = revisions
        query = select(Attestation).where(Attestation.rev.in_([each.rev for each in revisions]))
        self._attestations = session.scalars(query.order_by(Attestation.received_at, Attestation.id)).all()
        people = {each.person_id for each in self._attestations}
        named = session.execute(select(Person.id, Person.name).where(Person.id.in_(people)))
        self._names = {row.id: row.name for row in named}
        self._ring = KeyRing(
            session,
            [
                *((each.author_id, each.key) for each in revisions),
                *((each.person_id, each.key) for each in self._attestations),
            ],
        )
        self._facts = keys.facts_of(session, list(self._ring))
        old = {
            (person_id, entries[0].details.get("replaces"))
            for (person_id, _), entries in self._facts.items()
            if entries
        }
        self._replaced = KeyRing(session, old)

    def key_facts(self) -> list[AuditEntry]:
        """List all that the audit log says of the keys."""
        return [entry for entries in self._facts.values() for entry in entries]

    def revision_parts(self) -> Iterator[Part]:
        """Write each revision's exact bytes, and its signature with the life of its key beside it."""
        for each in self._revisions:
            name = each.rev.removeprefix("sha256:")
            signature = {
                "rev": each.rev,
                "level": each.evidence_level,
                "alg": each.alg,
                "sig": each.sig,
                "received_at": clock.iso(each.received_at),
                **self._key_json(each.author_id, each.key),
            }
            yield Part(f"revisions/{name}.json", "revision", each.data)
            yield Part(f"revisions/{name}.sig.json", "signature", canonical_json(signature))

    def attestations(self) -> Json:
        """Write the co-signatures."""
        return {
            "attestations": [
                {
                    "rev": each.rev,
                    "role": each.role,
                    "name": self._names[each.person_id],
                    "alg": each.alg or ALGORITHM,
                    "sig": each.sig,
                    "valid": each.valid,
                    "received_at": clock.iso(each.received_at),
                    **self._key_json(each.person_id, each.key),
                    "person": str(each.person_id),
                }
                for each in self._attestations
            ]
        }

    def _key_json(self, person_id: UUID, named: str | None) -> Json:
        """A key as it was enrolled, and every fact about it since. Only its name if it never was."""
        key = self._ring.find(person_id, named)
        if key is None:
            return {"key": named, "jwk": None, "history": []}
        return {
            "key": named,
            "jwk": key.jwk,
            "person": str(key.person_id),
            "device": str(key.device_id),
            "history": keys.history(self._facts[person_id, key.key_id]),
            "replaces_jwk": self._jwk_before(key),
        }

    def _jwk_before(self, key: DeviceKey) -> Json | None:
        """The key that this one replaced, where that one endorsed it: to check its signature with."""
        entries = self._facts[key.person_id, key.key_id]
        if key.endorsement is None or not entries:
            return None
        before = self._replaced.find(key.person_id, entries[0].details.get("replaces"))
        return before.jwk if before else None
