"""What has come in part: for supervisors, who else would learn of a record only when it is whole."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.access import Actor, Permission, require, within
from server.accounts.models import Person
from server.openrosa.models import Submission, SubmissionState, SubmittedFile


@dataclass(frozen=True)
class UnderWay:
    """A submission of which files are still to come, and the names of those that are here."""

    submission: Submission
    person: Person
    here: frozenset[str]

    @property
    def missing(self) -> list[str]:
        """The names that its XML has and that have not come, in its order."""
        return [name for name in self.submission.expected or () if name not in self.here]

    @property
    def come(self) -> int:
        """How many have come of those that its XML names; of all, where its form is not known."""
        expected = self.submission.expected
        return len(self.here) if expected is None else len(expected) - len(self.missing)


def under_way(session: Session, actor: Actor, limit: int) -> list[UnderWay]:
    """List what is under way in the jurisdiction, the longest silent first."""
    require(actor, Permission.RECORD_READ)
    query = (
        select(Submission, Person)
        .join(Person, Person.id == Submission.person_id)
        .where(Submission.state == SubmissionState.ARRIVING.value)
        .where(
            within(actor, Person.region)
            if actor.sees_region(Permission.RECORD_READ)
            else Submission.person_id == actor.person_id
        )
        .order_by(Submission.last_at, Submission.id)
        .limit(limit)
    )
    found = [(submission, person) for submission, person in session.execute(query)]
    ids = [submission.id for submission, _ in found]
    names: dict[object, set[str]] = {each: set() for each in ids}
    files = select(SubmittedFile.submission_id, SubmittedFile.name).where(
        SubmittedFile.submission_id.in_(ids)
    )
    for submission_id, name in session.execute(files) if ids else ():
        names[submission_id].add(name)
    return [UnderWay(submission, person, frozenset(names[submission.id])) for submission, person in found]
