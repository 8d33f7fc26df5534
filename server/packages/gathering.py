"""What goes into the evidence package of a record, or of a case file (案卷): a visit with all its records."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit
from server.access import Actor, Permission, require
from server.checklists import service as checklists
from server.db import Json, canonical_json
from server.evidence import possession
from server.evidence.models import MediaObject
from server.inspections import service as inspections
from server.inspections.models import Record, Revision, Task
from server.notary.service import Notary, prove, roots_to_show
from server.packages import statements
from server.packages.case_page import write_case
from server.packages.package import Contents, Copy, Original, Part
from server.packages.record_page import write_record
from server.packages.signed import Signed
from server.packages.statements import Told
from server.problems import RecordNotFound
from server.results import service as results
from server.results.models import Result
from server.review import dossier
from server.review.stamped import stamped_photos
from sync import ServerKey, verifier

RECORD_PACKAGED: Final = "record.packaged"
TASK_PACKAGED: Final = "task.packaged"
_INDEX: Final = "index.html"


def of_record(
    session: Session, actor: Actor, record_id: UUID, key: ServerKey, stamped_in: ZoneInfo | None = None
) -> Contents:
    """Read the evidence of a record, for whoever may see the record and its media.

    `key` will sign it. What another key signed before that was lost is left out: nobody could check it.
    `stamped_in`: the zone of the times on stamped copies; None goes without them.
    """
    require(actor, Permission.MEDIA_READ)
    record = inspections.visible_record(session, actor, record_id)
    told = _told(session, actor, record, _INDEX)
    return _contents(session, [told], [], lambda missing: [_page(told, missing)], key, stamped_in)


def of_case(
    session: Session, actor: Actor, task_id: UUID, key: ServerKey, stamped_in: ZoneInfo | None = None
) -> Contents:
    """Read the evidence of a visit with all its records and what came of them; refused while there are none.

    `key` and `stamped_in` as in `of_record`.
    """
    require(actor, Permission.MEDIA_READ)
    task = inspections.visible_task(session, actor, task_id)
    records = _records_of(session, actor, task)
    told = [_told(session, actor, record, f"record-{record.id}.html") for record in records]
    found = session.scalars(
        results.results_within(actor, task_id=task.id).order_by(Result.item_code, Result.id)
    ).all()
    case = statements.case(session, task, found)
    subjects = [("task", str(task.id)), *(("result", str(each.id)) for each in found)]
    return _contents(
        session,
        told,
        subjects,
        lambda missing: [
            Part("case.json", "case", canonical_json(case)),
            Part(_INDEX, "index", write_case(case, [(each.page, each.shown) for each in told])),
            *(_page(each, missing) for each in told),
        ],
        key,
        stamped_in,
    )


def note_record(session: Session, actor: Actor, record_id: UUID, notary: Notary) -> None:
    """Write down that somebody takes a record's evidence out of the house, and sign for all that is there by now.

    To be done before `of_record`, which proves the record's audit entries against that root.
    """
    require(actor, Permission.MEDIA_READ)
    inspections.visible_record(session, actor, record_id)
    notary.sign_root(session)
    audit.append(session, actor, RECORD_PACKAGED, ("record", record_id))


def note_case(session: Session, actor: Actor, task_id: UUID, notary: Notary) -> None:
    """Write down that somebody takes a case file out of the house, and sign likewise. To be done before `of_case`."""
    require(actor, Permission.MEDIA_READ)
    _records_of(session, actor, inspections.visible_task(session, actor, task_id))
    notary.sign_root(session)
    audit.append(session, actor, TASK_PACKAGED, ("task", task_id))


def _records_of(session: Session, actor: Actor, task: Task) -> Sequence[Record]:
    query = inspections.visible_records(actor).where(Record.task_id == task.id)
    records = session.scalars(query.order_by(Record.created_at, Record.id)).all()
    if not records:
        raise RecordNotFound()
    return records


def _told(session: Session, actor: Actor, record: Record, page: str) -> Told:
    shown = dossier.dossier(session, actor, record.id, None)
    form = (record.form_id, record.form_version)
    shown["form_title"] = checklists.known(session, [form])[form].title
    others = [head for head in record.heads if head != shown["rev"]]
    shown["other_heads"] = [dossier.compare(session, actor, record.id, shown["rev"], head) for head in others]
    return Told(record, shown, inspections.revisions_of(session, record.id), page)


def _contents(
    session: Session,
    told: Sequence[Told],
    more_subjects: Iterable[tuple[str, str]],
    pages: Callable[[Collection[str]], Iterable[Part]],
    key: ServerKey,
    stamped_in: ZoneInfo | None,
) -> Contents:
    revisions = [revision for each in told for revision in each.revisions]
    forms = checklists.known(session, {(each.form_id or "", each.form_version or "") for each in revisions})
    originals = _originals(session, revisions)
    signed = Signed(session, revisions)
    subjects = {
        *more_subjects,
        *(("record", str(each.record.id)) for each in told),
        *(("revision", each.rev) for each in revisions),
    }
    entries = audit.entries_about(
        session, subjects, without=[RECORD_PACKAGED, TASK_PACKAGED], beside=signed.key_facts()
    )
    missing = {each.sha256 for each in originals if each.size is None}
    parts = [
        *signed.revision_parts(),
        Part("attestations.json", "attestations", canonical_json(signed.attestations())),
        Part("decisions.json", "decisions", canonical_json(statements.decisions(told))),
        Part("receipts.json", "receipts", canonical_json(statements.receipts(session, entries, key))),
        *_audit_parts(session, entries, key),
        *(Part(statements.path_of(each), "form", each.xform) for each in forms.values()),
        *pages(missing),
        Part("verify.py", "verifier", Path(verifier.__file__).read_bytes()),
    ]
    copies = list(_copies(session, told, stamped_in)) if stamped_in else []
    return Contents(statements.about(told, forms.values()), parts, originals, copies)


def _copies(session: Session, told: Iterable[Told], zone: ZoneInfo) -> Iterator[Copy]:
    """The photos of each record as its page shows it, each once; a signature is a picture and no photo."""
    for each in told:
        signatures = {file["name"] for file in each.shown["files"] if file["kind"] == "signature"}
        photos = stamped_photos(session, each.record, each.shown["rev"], zone)
        once: dict[str, Copy] = {}
        for name, photo in photos.items():
            if name not in signatures:
                once.setdefault(photo.sha256, Copy(each.record.id, each.shown["rev"], name, photo))
        yield from once.values()


def _page(told: Told, missing: Collection[str]) -> Part:
    promised = {entry["sha256"] for revision in told.revisions for entry in revision.media}
    home = None if told.page == _INDEX else _INDEX
    role = "page" if home else "index"
    return Part(told.page, role, write_record(told.shown, len(promised & set(missing)), home))


def _audit_parts(session: Session, entries: Sequence[Json], key: ServerKey) -> Iterator[Part]:
    """The audit entries, the newest root and the newest with a time-stamp, and what ties them together."""
    roots = roots_to_show(session, key.key_id)
    proofs = prove(session, [each["seq"] for each in entries], roots)
    yield Part("audit/chain.json", "chain", canonical_json({"entries": entries}))
    yield Part("audit/proofs.json", "proofs", canonical_json(proofs))
    for root in roots:
        path = f"audit/root-{root.size}"
        yield Part(f"{path}.json", "root", root.statement)
        yield Part(f"{path}.sig", "root-signature", root.signature.encode("ascii"))
        if root.stamp is not None:
            yield Part(f"{path}.tsr", "time-stamp", root.stamp)


def _originals(session: Session, revisions: Collection[Revision]) -> list[Original]:
    names: dict[str, set[str]] = {}
    for revision in revisions:
        for entry in revision.media:
            names.setdefault(entry["sha256"], set()).add(entry["name"])
    withheld = possession.withheld(session, [each.rev for each in revisions])
    shown = {
        entry["sha256"]
        for revision in revisions
        for entry in revision.media
        if (revision.record_id, entry["sha256"]) not in withheld
    }
    query = select(MediaObject.sha256, MediaObject.size).where(MediaObject.sha256.in_(shown))
    sizes = {row.sha256: row.size for row in session.execute(query)}
    return [Original(sha256, sizes.get(sha256), sorted(names[sha256])) for sha256 in sorted(names)]
