"""Which records hold something signed with a key, and what is in doubt about it as the key stands now.

What was judged when something came is never written anew: this is told beside it.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from server.access import Actor
from server.accounts.models import DeviceKey
from server.db import Json
from server.inspections import service as inspections
from server.inspections.models import Attestation, Record, Revision
from server.review import dossier


def records_under(actor: Actor, key: DeviceKey) -> Select[Any]:
    """Select the records the actor may see that hold a revision or a co-signature made with a key."""
    revisions = select(Revision.record_id).where(_revised_with(key))
    attested = (
        select(Revision.record_id)
        .join(Attestation, Attestation.rev == Revision.rev)
        .where(_attested_with(key))
    )
    return inspections.visible_records(actor).where(Record.id.in_(revisions.union(attested)))


def as_json(session: Session, key: DeviceKey, records: Sequence[Record]) -> list[Json]:
    """Write the lines of records with what of each came under a key."""
    ids = [record.id for record in records]
    revisions = session.scalars(
        select(Revision)
        .where(_revised_with(key), Revision.record_id.in_(ids))
        .order_by(Revision.received_at, Revision.rev)
    ).all()
    attested = session.execute(
        select(Revision.record_id, Attestation)
        .join(Revision, Revision.rev == Attestation.rev)
        .where(_attested_with(key), Revision.record_id.in_(ids))
        .order_by(Attestation.received_at, Attestation.id)
    ).all()
    return [
        summary
        | {
            "revisions": [_signed(each, key) for each in revisions if each.record_id == summary["id"]],
            "attestations": [
                _signed(each, key) for record_id, each in attested if record_id == summary["id"]
            ],
        }
        for summary in dossier.summaries(session, records)
    ]


def _signed(each: Revision | Attestation, key: DeviceKey) -> Json:
    return vars(each) | {"key_doubts": list(key.life.doubts(each.received_at))}


def _revised_with(key: DeviceKey) -> Any:
    return (
        (Revision.device_id == key.device_id)
        & (Revision.key == key.key_id)
        & (Revision.author_id == key.person_id)
    )


def _attested_with(key: DeviceKey) -> Any:
    return (Attestation.key == key.key_id) & (Attestation.person_id == key.person_id)
