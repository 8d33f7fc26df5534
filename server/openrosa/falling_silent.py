"""Taking submissions of which no more came, and edits whose base has come by another way. A duty of the worker.

A phone that lost a file marks its record as sent all the same. So what names a file that never came waits for an hour of
silence, and is taken then as it stands: the reviewer sees what is missing, and whatever comes later joins it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from server import clock
from server.access import Role
from server.accounts.models import Person
from server.accounts.service import actor_of
from server.inspections.models import Revision, RevisionStatus
from server.installation import Installation
from server.openrosa import submitting
from server.openrosa.holders import Asking
from server.openrosa.models import PhoneKey, Submission, SubmissionState

SILENCE: Final = timedelta(hours=1)
_AT_ONCE: Final = 20
_TAKEN: Final = (RevisionStatus.ACCEPTED.value, RevisionStatus.LATE.value)


@dataclass(frozen=True)
class FallingSilent:
    """The duty of one installation."""

    installation: Installation

    def claim(self, session: Session) -> Sequence[UUID]:
        """Find what is to be taken; who takes it holds its rows only then."""
        silent = (
            select(Submission.id)
            .where(
                Submission.state == SubmissionState.ARRIVING.value,
                Submission.last_at <= clock.now() - SILENCE,
            )
            .order_by(Submission.last_at)
            .limit(_AT_ONCE)
        )
        base = aliased(Submission)
        found_base = (
            select(Submission.id)
            .join(base, base.instance_id == Submission.base)
            .join(Revision, Revision.rev == base.rev)
            .where(Submission.waits, Revision.status.in_(_TAKEN))
            .limit(_AT_ONCE)
        )
        return [*session.scalars(silent), *session.scalars(found_base)]

    def perform(self, _submission: UUID) -> None:
        """Do nothing: what is slow is done already."""

    def settle(self, session: Session, submission_id: UUID, _outcome: None) -> None:
        """Take it, unless more came or somebody took it meanwhile."""
        submission = session.get_one(Submission, submission_id)
        key = session.get_one(PhoneKey, submission.key_id)
        person = session.get_one(Person, key.person_id)
        # It was let in when it came; what the person is now takes nothing away from that.
        actor = actor_of(person, key.device_id)
        actor = replace(actor, roles=actor.roles | {Role.INSPECTOR})
        asking = Asking(key.id, actor, unbound=False)
        submitting.take_as_it_stands(session, self.installation, asking, submission, SILENCE)
