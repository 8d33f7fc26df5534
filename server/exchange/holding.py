"""What phones hold for each other and for the server: handing a revision out, and asking for it back."""

import base64
import logging
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit
from server.access import Actor, Permission, require
from server.audit import AuditEntry
from server.db import Json
from server.evidence import possession
from server.evidence import service as evidence
from server.exchange.models import PushedOperation
from server.exchange.pulling import sees_revision
from server.inspections.models import Attestation, Revision
from server.installation import Installation, begin_epoch
from server.problems import BlobNotFound, EpochDiffers
from sync import ALGORITHM, verify_receipt

log = logging.getLogger("merestone.exchange")

_AT_ONCE = 10_000

Offered = Mapping[str, UUID | None]
"""Revisions that a phone holds, and the operation whose receipt it has, where it says so."""


def hand_out(session: Session, actor: Actor, rev: str) -> Json:
    """Write a revision as it was pushed, without `op`, and its co-signatures, for whoever sees its record to hold.

    Raises BlobNotFound.
    """
    require(actor, Permission.SYNC)
    revision = session.get(Revision, rev)
    if revision is None or not sees_revision(session, actor, revision):
        raise BlobNotFound()
    signed = (
        select(Attestation).where(Attestation.rev == rev, Attestation.valid).order_by(Attestation.received_at)
    )
    return {
        "record": str(revision.record_id) if revision.record_id else None,
        "item": {
            "kind": "revision",
            "rev": rev,
            "bytes": base64.b64encode(revision.data).decode("ascii"),
            **_signature(revision),
        },
        "attestations": [
            {"kind": "attest", "rev": rev, "role": each.role, **_signature(each)}
            for each in session.scalars(signed)
        ],
    }


def missing_revisions(session: Session, actor: Actor, offered: Offered) -> list[str]:
    """List the revisions that should be sent again, in the order they were offered.

    That are those whose bytes are not here; and, where an operation was named, those whose operation is not known:
    somebody else brought the bytes meanwhile, and the receipt that the phone has is of a log that was lost.
    """
    held = set(session.scalars(select(Revision.rev).where(Revision.rev.in_(offered))))
    ops = {op for rev, op in offered.items() if op is not None and rev in held}
    query = select(PushedOperation.op).where(
        PushedOperation.op.in_(ops), PushedOperation.person_id == actor.person_id
    )
    known = set(session.scalars(query)) if ops else set()
    return [rev for rev, op in offered.items() if rev not in held or (op is not None and op not in known)]


def missing_media(session: Session, actor: Actor, revs: Collection[str]) -> list[str]:
    """List the files that revisions of one's own vouch for and that are not stored, as `sha256:…`."""
    query = select(Revision.media).where(Revision.rev.in_(revs), Revision.author_id == actor.person_id)
    named = sorted({entry["sha256"] for media in session.scalars(query) for entry in media})
    absent: set[str] = set()
    for part in (named[start : start + _AT_ONCE] for start in range(0, len(named), _AT_ONCE)):
        absent.update(evidence.missing(session, part))
        absent |= possession.withheld_from(session, actor.person_id, part)
    return [f"sha256:{sha256}" for sha256 in named if sha256 in absent]


def heed_receipts(session: Session, installation: Installation, tokens: Sequence[str]) -> None:
    """Compare receipts that a phone shows with the audit log; one that is ours and not on it begins a new epoch.

    Those of an epoch that is over may well be of entries that are lost. Raises EpochDiffers.
    """
    epoch = installation.epoch
    shown = {
        (body["seq"], body["hash"])
        for token in tokens
        if (body := verify_receipt(installation.key.public_jwk, token)) and body["epoch"] == epoch
    }
    if not shown:
        return
    query = select(AuditEntry.seq, AuditEntry.hash)
    here = session.execute(query.where(AuditEntry.seq.in_({seq for seq, _ in shown})))
    strange = shown - {(row.seq, row.hash) for row in here}
    if strange:
        details = {"seq": min(strange)[0], "head": audit.head(session)[0]}
        log.critical(
            "a phone has a receipt that the audit log does not know: a new epoch begins", extra=details
        )
        raise EpochDiffers(epoch=begin_epoch(installation, session, epoch))


def _signature(signed: Revision | Attestation) -> dict[str, Any]:
    # Co-signatures of before it was kept are of the one there was.
    if signed.sig is None:
        return {}
    return {"alg": signed.alg or ALGORITHM, "key": signed.key, "sig": signed.sig}
