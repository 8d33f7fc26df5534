"""Writing down what was judged on a desk: many rows in few statements."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Table
from sqlalchemy.orm import Session, make_transient_to_detached

from server.db import Json
from server.evidence import service as evidence
from server.inspections.desk import Desk
from server.inspections.models import Attestation, Record, Revision, RevisionStatus
from server.rows import insert_rows, update_rows

_REVISIONS_TABLE: Table = Revision.__table__  # type: ignore[assignment]
_RECORDS_TABLE: Table = Record.__table__  # type: ignore[assignment]
_ATTESTATIONS_TABLE: Table = Attestation.__table__  # type: ignore[assignment]
_WHOLE = [column.key for column in Revision.__table__.c]
_JUDGED = [name for name in _WHOLE if name != "data"]
_OF_RECORD = [column.key for column in Record.__table__.c]
_OF_ATTESTATION = [column.key for column in Attestation.__table__.c]


def settle_desk(session: Session, desk: Desk) -> None:
    """Write down everything that was judged since the desk was opened or settled.

    Raises IntegrityError when somebody else stored one of its unwritten revisions since the desk was opened.
    """
    # What something in the session refers to is in it, too, and written with that.
    made = sorted((each for each in desk.made if each not in session), key=lambda record: record.id)
    for records in _alike(made, _OF_RECORD):
        insert_rows(session, _RECORDS_TABLE, records)
    session.flush()
    for rows in _alike([row for row in desk.fresh.values() if row.rev in desk.unwritten], _WHOLE):
        insert_rows(session, _REVISIONS_TABLE, rows)
    judged = [row for row in desk.fresh.values() if row.status != RevisionStatus.RECEIVED]
    for rows in _alike([row for row in judged if row.rev not in desk.unwritten], _JUDGED):
        update_rows(session, _REVISIONS_TABLE, rows)
    for signed in _alike(desk.signed, _OF_ATTESTATION):
        insert_rows(session, _ATTESTATIONS_TABLE, signed)
    evidence.expect_all(session, desk.expected)
    session.add_all(desk.opened)
    for done in (desk.expected, desk.made, desk.signed, desk.opened, desk.unwritten):
        done.clear()
    for row in judged:
        del desk.fresh[row.rev]
    for each in (*made, *judged):  # from here on they are rows like any other
        make_transient_to_detached(each)
        session.add(each)


def _alike(rows: Sequence[Record | Revision | Attestation], columns: Sequence[str]) -> Iterable[list[Json]]:
    """Put rows together of which the same columns are filled in, in an order that is the same for whoever writes them."""
    found: dict[tuple[str, ...], list[Json]] = {}
    for row in rows:
        held = vars(row)
        said = {name: held[name] for name in columns if name in held}
        found.setdefault(tuple(said), []).append(said)
    return [found[names] for names in sorted(found)]
