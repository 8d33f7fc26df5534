"""Uploads in the database: who may go on with one, how far it has come, how it ends.

No verb here touches bytes; receiving and finishing happen outside of transactions, see `transfer`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID, uuid4

from sqlalchemy import Table, Uuid, bindparam, insert, select, update
from sqlalchemy.orm import Session

from media import Kind, Progress, Store, StoredObject, tus
from server import access, audit, clock
from server.access import Actor, Permission
from server.db import Json
from server.evidence import possession, under_way
from server.evidence.models import MediaObject, Upload
from server.evidence.under_way import Quota
from server.problems import MediaDigestMismatch, UploadGone, UploadNotFound
from server.rows import insert_new, update_rows

#: How long a holder that says nothing keeps an upload: as long as a killed process is waited for.
LEASE: Final = timedelta(seconds=10)
#: How long bytes that broke their promise are kept (protocol §4).
KEPT_AFTER_MISMATCH: Final = timedelta(hours=24)
_LET_GO: Final = {"held_until": None, "stop_requested": False}

# Made once: building a statement costs more than running it.
_ROWS = Upload.__table__.c
_HELD = (_ROWS.id == bindparam("its_id"), _ROWS.holder_epoch == bindparam("its_epoch"))
_OWN = select(Upload).where(
    Upload.id == bindparam("its_id"), Upload.owner_id == bindparam("its_owner_id", type_=Uuid())
)
_OWN_TO_WRITE = _OWN.with_for_update()
_HOLDS = select(_ROWS.id).where(*_HELD)
_STOP_REQUESTED = select(_ROWS.stop_requested).where(*_HELD)
_SIZE = select(MediaObject.__table__.c.size).where(MediaObject.__table__.c.sha256 == bindparam("sha256"))
_BEGIN = insert(Upload)
_CHANGE = update(Upload).where(*_HELD, _ROWS.ended_at.is_(None))
_OBJECTS: Table = MediaObject.__table__  # type: ignore[assignment]


@dataclass(frozen=True)
class Hold:
    """The right of one request to write an upload, until it lets go or its lease runs out.

    `length` is None while the phone has not told it. `finished`: the bytes are an object already, and all that may
    still be done is to end the upload.
    """

    upload_id: UUID
    epoch: int
    progress: Progress
    length: int | None
    sha256: str | None
    expires_at: datetime
    finished: bool = False

    @property
    def name(self) -> str:
        """What the store calls the upload."""
        return str(self.upload_id)

    @property
    def offset(self) -> int:
        """Where to go on."""
        return self.progress.offset

    @property
    def is_first(self) -> bool:
        """Whether it began with the upload: nobody wrote it before, and nobody else has heard of it yet."""
        return self.epoch == 0


def begin(
    session: Session,
    actor: Actor,
    store: Store,
    length: int | None,
    promised: tus.Metadata,
    lasting: timedelta,
    quota: Quota,
    maximum: int = tus.MAXIMUM_SIZE,
    *,
    held: bool = False,
    lost: bool = False,
) -> Upload:
    """Begin an upload of `length` bytes; None when that is told later, and then it is at most `maximum`.

    Content that is here already makes it a finished one, unless somebody else brought it: then the bytes are asked for,
    since a hash alone proves nothing (see `possession`). `service.sees` does not count an upload that was spared them.
    `held`: the request that begins it holds it at once, unless it is finished, see `first_hold`. `lost`: the store
    no longer has what was here, so the bytes are taken.
    Raises `AccessDenied`, `UploadQuotaReached`, `StoreFull` when there is no room for all of it beside what others
    were promised, and what `Store.begin` raises.
    """
    access.require(actor, Permission.MEDIA_UPLOAD)
    now = clock.now()
    connection = session.connection()
    known = connection.scalar(_SIZE, {"sha256": promised.sha256}) if promised.sha256 else None
    skipped = known is not None and known == length and not lost
    if skipped:
        skipped = possession.is_spared(session, actor.person_id, str(promised.sha256))
    upload_id, progress = uuid4(), Progress(known if known and skipped else 0)
    if not skipped:
        under_way.require(session, actor, store, length or 0, quota, uploads=1)
        progress = store.begin(str(upload_id), maximum if length is None else length, promised.sha256)
    values = {
        "id": upload_id,
        "owner_id": actor.person_id,
        "device_id": actor.device_id,
        "length": length,
        **_columns(progress),
        "filename": promised.filename,
        "filetype": promised.filetype,
        "record": promised.record,
        "sha256": promised.sha256,
        "skipped": skipped,
        "holder_epoch": 0,
        "held_until": now + LEASE if held and not skipped else None,
        "created_at": now,
        "expires_at": now + lasting,
        "finished_at": now if skipped else None,
    }
    connection.execute(_BEGIN, {**values, "metadata": promised.raw})
    return Upload(**values, header=promised.raw)


def first_hold(upload: Upload) -> Hold:
    """The hold of the request that began an upload `held`. Epoch 0: whoever takes it over raises that."""
    return _hold(upload)


def load(
    session: Session, actor: Actor, upload_id: UUID, *, to_write: bool = False, broken_too: bool = False
) -> Upload:
    """Load one's own upload. Another person's is as unknown as one that never was.

    Raises `UploadNotFound`, `UploadGone`, and, unless `broken_too`, `MediaDigestMismatch` for one whose bytes
    broke the promise.
    """
    access.require(actor, Permission.MEDIA_UPLOAD)
    its = {"its_id": upload_id, "its_owner_id": actor.person_id}
    upload = session.scalar(_OWN_TO_WRITE if to_write else _OWN, its)
    if upload is None:
        raise UploadNotFound()
    # What is whole never expires: it waits for `finishing`, or for its phone to ask.
    may_expire = upload.finished_at is None and (upload.offset != upload.length or upload.mismatched)
    if upload.ended_at or (may_expire and upload.expires_at <= clock.now()):
        raise UploadGone()
    if upload.mismatched and not broken_too:
        raise MediaDigestMismatch(expected=upload.sha256, actual=upload.mismatched)
    return upload


def take(session: Session, upload: Upload) -> Hold | None:
    """Take hold of an upload loaded to write; while another holds it, ask that one to stop and return None."""
    now = clock.now()
    if upload.held_until and upload.held_until > now:
        upload.stop_requested = True
        return None
    upload.holder_epoch += 1
    upload.held_until = now + LEASE
    upload.stop_requested = False
    session.flush()
    return _hold(upload)


def _hold(upload: Upload) -> Hold:
    return Hold(
        upload.id,
        upload.holder_epoch,
        Progress(upload.offset, upload.progress),
        upload.length,
        upload.sha256,
        upload.expires_at,
        upload.finished_at is not None,
    )


def may_go_on(session: Session, hold: Hold) -> bool:
    """Say whether the holder still holds and nobody has asked it to stop."""
    return session.connection().scalar(_STOP_REQUESTED, _its(hold)) is False


def holds(session: Session, hold: Hold) -> bool:
    """Say whether nobody has taken the upload over."""
    return session.connection().scalar(_HOLDS, _its(hold)) is not None


def keep(session: Session, hold: Hold) -> bool:
    """Lengthen the lease; False when another has taken over."""
    return change(session, hold, held_until=clock.now() + LEASE)


def renew(session: Session, hold: Hold, progress: Progress) -> bool:
    """Lengthen the lease and acknowledge what has come; False when another has taken over."""
    return change(session, hold, **_columns(progress), held_until=clock.now() + LEASE)


def let_go(session: Session, hold: Hold) -> bool:
    """End the hold at its offset; False when another has taken over, and then nothing is changed."""
    return change(session, hold, **_columns(hold.progress), **_LET_GO, expires_at=hold.expires_at)


def break_off(session: Session, hold: Hold, actual: str) -> bool:
    """Note that the bytes are not those that were promised; they are kept for a day. False as `let_go`."""
    until = clock.now() + KEPT_AFTER_MISMATCH
    return change(session, hold, **_columns(hold.progress), **_LET_GO, mismatched=actual, expires_at=until)


def settle(session: Session, actor: Actor, hold: Hold, stored: StoredObject, kind: Kind | None) -> bool:
    """Note that the bytes of an upload are stored. Whoever comes first with these bytes makes the object.

    False when another has taken the upload over: then nothing is noted.
    """
    done = _columns(Progress(stored.size))
    if not change(session, hold, **_LET_GO, **done, sha256=stored.sha256, finished_at=clock.now()):
        return False
    write_down(session, actor, stored, kind, {"upload": str(hold.upload_id)})
    return True


def write_down(
    session: Session, actor: audit.Acting, stored: StoredObject, kind: Kind | None, origin: Json
) -> None:
    """Give an object its row, unless it has one; `origin` says in the audit log where it came from."""
    facts = enter_all(session, [(actor, stored, kind, origin)])
    if facts:
        audit.seal(session)
        number(session, facts)


def enter_all(
    session: Session, files: Sequence[tuple[audit.Acting, StoredObject, Kind | None, Json]]
) -> dict[str, audit.Fact]:
    """Give objects their rows, at once, and note the facts, whose numbers `number` writes down once they are sealed.

    Those that have a row keep it, and there is no fact. In one order everywhere: two who bring the same files wait for
    each other, and never in a circle. Of each who brought it, and its origin as the audit log tells it.
    """
    if not files:
        return {}
    first = {each[1].sha256: each for each in reversed(files)}
    now = clock.now()
    entered = insert_new(
        session,
        _OBJECTS,
        [
            {
                "sha256": sha256,
                "size": stored.size,
                "mime": kind.mime if kind else None,
                "family": kind.family if kind else None,
                "state": "stored",
                "facts": {},
                "derivatives": {},
                "attempts": 0,
                "stored_at": now,
                "inspect_after": now,
            }
            for sha256, (_, stored, kind, _) in sorted(first.items())
        ],
    )
    facts: dict[str, audit.Fact] = {}
    for sha256 in sorted(entered):
        actor, stored, kind, origin = first[sha256]
        told = {**origin, "size": stored.size, "mime": kind.mime if kind else None}
        facts[sha256] = audit.append(session, actor, "media.stored", ("media", sha256), told)
    return facts


def number(session: Session, facts: Mapping[str, audit.Fact]) -> None:
    """Write down the numbers of the facts by which objects came, by their SHA-256."""
    numbers = [{"sha256": sha256, "stored_seq": fact.seq} for sha256, fact in sorted(facts.items())]
    update_rows(session, _OBJECTS, numbers)


def end(session: Session, actor: Actor, hold: Hold) -> bool:
    """End an upload for good; a finished one ends too, its object stays. False as `let_go`."""
    if not change(session, hold, **_LET_GO, ended_at=clock.now()):
        return False
    audit.append(session, actor, "upload.ended", ("upload", hold.upload_id))
    return True


def change(session: Session, hold: Hold, **values: Any) -> bool:
    """Change an upload if this hold is the newest one: the compare-and-set that keeps two writers apart."""
    return session.connection().execute(_CHANGE, {**values, **_its(hold)}).rowcount == 1


def _its(hold: Hold) -> dict[str, Any]:
    return {"its_id": hold.upload_id, "its_epoch": hold.epoch}


def _columns(progress: Progress) -> dict[str, Any]:
    return {"offset": progress.offset, "progress": progress.notes}
