"""What a package says in JSON: what it is about, what was decided, which receipts were given, what came of a visit."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import clock
from server.checklists.models import FormVersion
from server.db import Json
from server.exchange import service as exchange
from server.inspections import service as inspections
from server.inspections.models import Record, Revision, Task
from server.registry.models import InspectionItem
from server.results.models import Result
from sync import ServerKey, verifier, verify_receipt

_LONGEST_NAME: Final = 200


@dataclass(frozen=True)
class Told:
    """A record with its revisions, as its page shows it (`dossier.dossier`, `form_title`) and where that page is."""

    record: Record
    shown: Json
    revisions: Sequence[Revision]
    page: str


def about(told: Sequence[Told], forms: Iterable[FormVersion]) -> Json:
    """Say what a package is about: its visit, its records with their versions, its forms."""
    shown, record = told[0].shown, told[0].record
    return {
        "format": verifier.FORMAT,
        "version": verifier.VERSION,
        "region": record.region,
        "task": {"id": str(record.task_id), "number": shown["task_number"], "name": shown["task_name"]},
        "object": {"id": str(shown["object_id"]), "name": shown["object_name"]},
        "records": [
            {
                "record": str(each.record.id),
                "state": each.record.state,
                "heads": each.record.heads,
                "final": each.record.final_rev,
                "revisions": [revision.rev for revision in each.revisions],
                "page": each.page,
            }
            for each in told
        ],
        "forms": [{"id": each.form_id, "version": each.version, "path": path_of(each)} for each in forms],
    }


def form_path(form_id: str, version: str) -> str:
    """Say where a form lies in a package, never where another does: an underscore in the version is encoded.

    What no file system would take as a name is its hash.
    """
    name = f"{quote(form_id, safe='')}_{quote(version, safe='').replace('_', '%5F')}"
    name = name if len(name) <= _LONGEST_NAME else hashlib.sha256(name.encode("ascii")).hexdigest()
    return f"forms/{name}.xml"


def path_of(form: FormVersion) -> str:
    """Say where a published form lies in a package."""
    return form_path(form.form_id, form.version)


def decisions(told: Iterable[Told]) -> Json:
    """Tell what reviewers decided, with the reasons and the answers they marked."""
    return {
        "decisions": [
            {
                "record": str(each.record.id),
                "rev": decision["rev"],
                "verdict": decision["verdict"],
                "reason": decision["reason"],
                "marks": decision["marks"],
                "due_on": decision["due_on"].isoformat() if decision["due_on"] else None,
                "reviewer": decision["reviewer"],
                "decided_at": clock.iso(decision["decided_at"]),
            }
            for each in told
            for decision in each.shown["decisions"]
        ]
    }


def receipts(session: Session, entries: Iterable[Json], key: ServerKey) -> Json:
    """Give the receipts that phones were given for what the audit entries tell, as far as this key signed them."""
    ops = [UUID(each["details"]["op"]) for each in entries if "op" in each["details"]]
    given = exchange.receipts(session, ops)
    return {"receipts": [each for each in given if verify_receipt(key.public_jwk, each) is not None]}


def case(session: Session, task: Task, found: Sequence[Result]) -> Json:
    """Tell the visit as its people have it, and what came of each item: the server's word."""
    view = inspections.task_view(session, [task.id])[task.id]
    codes = {each.item_code for each in found}
    rows = session.execute(
        select(InspectionItem.code, InspectionItem.name).where(InspectionItem.code.in_(codes))
    )
    names = {row.code: row.name for row in rows}
    return {
        "task": {"id": str(task.id), **{name: value for name, value in view.items() if name != "prefill"}},
        "results": [
            {
                "id": str(each.id),
                "item": each.item_code,
                "item_name": names.get(each.item_code, each.item_code),
                "record": str(each.record_id),
                "rev": each.rev,
                "codes": list(each.codes),
                "followups": list(each.followup_codes),
                "findings": each.findings_text,
                "rectify_by": each.rectify_by.isoformat() if each.rectify_by else None,
                "state": each.state,
                "version": each.version,
                "correction": each.correction,
                "inspected_on": each.inspected_on.isoformat(),
            }
            for each in found
        ],
    }
