"""What has come of a submission so far: its row, the files that came with it, and others of the same `instanceID`.

Rows are written once, when it is known what becomes of them. Whoever asks holds the row of the phone's key.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from sqlalchemy import Table, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from server import clock
from server.openrosa import reading
from server.openrosa.models import Submission, SubmissionState, SubmittedFile
from server.openrosa.reading import ReadInstance
from server.openrosa.receiving import ReceivedFile
from server.rows import Row, insert_rows

# Made once: building a statement costs more than running it.
_THEIRS = Submission.person_id.in_(bindparam("people", expanding=True))
_NAMED = Submission.instance_id.in_(bindparam("instances", expanding=True))
_WAITING = and_(Submission.waits, Submission.base.in_(bindparam("bases", expanding=True)))
_KNOWN = (
    select(Submission)
    .where(_THEIRS, or_(_NAMED, _WAITING))
    .order_by(Submission.first_at, Submission.id)
    .execution_options(populate_existing=True)
)
_SUBMISSION_ROWS: Table = Submission.__table__  # type: ignore[assignment]
_FILE_ROWS: Table = SubmittedFile.__table__  # type: ignore[assignment]
_FILES = (
    select(SubmittedFile)
    .where(SubmittedFile.submission_id.in_(bindparam("submissions", expanding=True)))
    .order_by(SubmittedFile.came_at, SubmittedFile.name, SubmittedFile.sha256)
)


@dataclass
class Pieces:
    """A submission with its files, the first to come first. `siblings`: of the same `instanceID`, with other bytes.

    `is_new`: nothing of it had come before. `fresh`: files that had not.
    """

    submission: Submission
    files: list[SubmittedFile]
    siblings: list[Submission]
    is_new: bool = False
    fresh: list[SubmittedFile] = field(default_factory=list)


@dataclass(frozen=True)
class Begun:
    """What a submission is begun with: by whom, under which key, what it is called, its form and its exact bytes."""

    person_id: UUID
    key_id: UUID
    instance_id: str
    form: tuple[str, str]
    xml: bytes

    @classmethod
    def of(cls, person_id: UUID, key_id: UUID, given: ReadInstance, xml: bytes) -> "Begun":
        """Of an instance that can be read."""
        return cls(person_id, key_id, given.instance_id, given.form, xml)


@dataclass(frozen=True)
class Known:
    """What had come under some `instanceID`s: submissions with their files, and the edits that wait for them."""

    rows: Sequence[Submission]
    files: Mapping[UUID, list[SubmittedFile]]

    def of_instance(self, instance_id: str, person_id: UUID) -> list[Submission]:
        """List what a person sent under an `instanceID`, the first to come first."""
        return [row for row in self.rows if (row.instance_id, row.person_id) == (instance_id, person_id)]

    def is_waited_for(self, submission: Submission) -> bool:
        """Say whether an edit of the same person waits for this to come."""
        wanted = (submission.instance_id, submission.person_id)
        return any(row.waits and (row.base, row.person_id) == wanted for row in self.rows)


def fetch(session: Session, begun: Sequence[Begun]) -> Known:
    """Find what had come of some submissions, in one query, and their files in another where there is any."""
    names, people = list({each.instance_id for each in begun}), list({each.person_id for each in begun})
    rows = session.scalars(_KNOWN, {"people": people, "instances": names, "bases": names}).all()
    files: dict[UUID, list[SubmittedFile]] = {row.id: [] for row in rows}
    if rows:
        for file in session.scalars(_FILES, {"submissions": list(files)}):
            files[file.submission_id].append(file)
    return Known(rows, files)


def gather(known: Known, begun: Begun, brought: Sequence[ReceivedFile]) -> Pieces:
    """Add what was brought to what had come. Nothing is written before `keep`."""
    sha256, now = reading.hash_of(begun.xml), clock.now()
    rows = known.of_instance(begun.instance_id, begun.person_id)
    mine = next((row for row in rows if row.xml_sha256 == sha256), None)
    pieces = Pieces(
        mine
        or Submission(
            id=uuid4(),
            person_id=begun.person_id,
            key_id=begun.key_id,
            instance_id=begun.instance_id,
            xml_sha256=sha256,
            xml=begun.xml,
            form_id=begun.form[0],
            form_version=begun.form[1],
            waits=False,
            state=SubmissionState.ARRIVING.value,
            first_at=now,
        ),
        list(known.files[mine.id]) if mine else [],
        [row for row in rows if row is not mine],
        is_new=mine is None,
    )
    pieces.submission.last_at = now
    here = {(file.name, file.sha256) for file in pieces.files}
    for each in brought:
        stored = each.kept.stored
        if (each.name, stored.sha256) not in here:
            here.add((each.name, stored.sha256))
            pieces.fresh.append(
                SubmittedFile(
                    submission_id=pieces.submission.id,
                    name=each.name,
                    sha256=stored.sha256,
                    size=stored.size,
                    type=each.type,
                    came_at=now,
                )
            )
    pieces.files += sorted(pieces.fresh, key=lambda file: (file.name, file.sha256))
    return pieces


def keep(session: Session, pieces: Iterable[Pieces]) -> None:
    """Write down what is new of several submissions, once it is known what becomes of them."""
    kept = list(pieces)
    insert_rows(session, _SUBMISSION_ROWS, [_row_of(each.submission) for each in kept if each.is_new])
    insert_rows(session, _FILE_ROWS, [_row_of(file) for each in kept for file in each.fresh])


def _row_of(row: Submission | SubmittedFile) -> Row:
    return {column.key: getattr(row, column.key) for column in row.__table__.c}


def gathered(session: Session, submission: Submission) -> Pieces:
    """Gather a submission that nobody brings anything for."""
    asked = {"people": [submission.person_id], "instances": [submission.instance_id], "bases": []}
    rows = session.scalars(_KNOWN, asked).all()
    files = session.scalars(_FILES, {"submissions": [submission.id]}).all()
    return Pieces(submission, list(files), [row for row in rows if row is not submission])
