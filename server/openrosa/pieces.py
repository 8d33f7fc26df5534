"""What has come of a submission so far: its row, the files that came with it, and others of the same `instanceID`.

Rows are written once, when it is known what becomes of them. Whoever asks holds the row of the phone's key.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from server import clock
from server.openrosa import reading
from server.openrosa.models import Submission, SubmissionState, SubmittedFile
from server.openrosa.reading import ReadInstance
from server.openrosa.receiving import ReceivedFile

# Made once: building a statement costs more than running it.
_OF_INSTANCE = (
    select(Submission)
    .where(
        Submission.instance_id == bindparam("its_instance_id"),
        Submission.person_id == bindparam("its_person_id"),
    )
    .order_by(Submission.first_at, Submission.id)
    .execution_options(populate_existing=True)
)
_FILES = (
    select(SubmittedFile)
    .where(SubmittedFile.submission_id == bindparam("its_submission_id"))
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

    def keep(self, session: Session) -> None:
        """Write down what is new."""
        session.add(self.submission)
        session.add_all(self.fresh)


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


def gather(session: Session, begun: Begun, brought: Sequence[ReceivedFile]) -> Pieces:
    """Find what had come, and add what was brought. Nothing is written before `Pieces.keep`."""
    sha256, now = reading.hash_of(begun.xml), clock.now()
    rows = _of_instance(session, begun.instance_id, begun.person_id)
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
        _files(session, mine) if mine else [],
        [row for row in rows if row is not mine],
        is_new=mine is None,
    )
    pieces.submission.last_at = now
    known = {(file.name, file.sha256) for file in pieces.files}
    for each in brought:
        stored = each.kept.stored
        if (each.name, stored.sha256) not in known:
            known.add((each.name, stored.sha256))
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


def gathered(session: Session, submission: Submission) -> Pieces:
    """Gather a submission that nobody brings anything for."""
    rows = _of_instance(session, submission.instance_id, submission.person_id)
    return Pieces(submission, _files(session, submission), [row for row in rows if row is not submission])


def _of_instance(session: Session, instance_id: str, person_id: UUID) -> Sequence[Submission]:
    return session.scalars(_OF_INSTANCE, {"its_instance_id": instance_id, "its_person_id": person_id}).all()


def _files(session: Session, submission: Submission) -> list[SubmittedFile]:
    return list(session.scalars(_FILES, {"its_submission_id": submission.id}))
