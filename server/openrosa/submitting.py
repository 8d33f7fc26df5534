"""Submissions become unsigned revisions, by the same door as every push: stored, judged, receipted.

One may come in any number of POSTs, in any order, repeated and at once: whatever comes is kept with it, and when
every file that its XML names is here, a revision is made. What comes after that makes a child of it. One person's
submissions are taken one after the other (the rows of their keys are locked first, then those of submissions); those of
several people that come at the same time are taken in one transaction, see `server.together`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor
from server.checklists import service as checklists
from server.checklists.models import FormVersion
from server.evidence import taking
from server.installation import Installation
from server.openrosa import holders, making, reading, telling
from server.openrosa.holders import Asking, Held, Shown
from server.openrosa.making import Made, Taking
from server.openrosa.models import Submission, SubmissionState
from server.openrosa.pieces import Begun, Pieces, fetch, gather, gathered, keep
from server.openrosa.reading import ReadInstance, Unusable
from server.openrosa.receiving import ReceivedFile
from server.problems import Problem


@dataclass(frozen=True)
class Brought:
    """One POST: the key it shows and the phone it names, the exact bytes of the XML, what can be read of it, and its files.

    `more`: the phone says that more is to come.
    """

    shown: Shown
    xml: bytes
    given: ReadInstance | Unusable
    files: Sequence[ReceivedFile]
    more: bool = False


@dataclass(frozen=True)
class Told:
    """What to tell the inspector, and who that is."""

    message: str
    actor: Actor


def read(xml: bytes) -> ReadInstance | Unusable:
    """Read what can be read, before anything is locked."""
    try:
        return reading.read(xml)
    except Unusable as unusable:
        return unusable


def submit(session: Session, installation: Installation, posts: Sequence[Brought]) -> list[Told | Problem]:
    """Take POSTs and say what to tell their inspectors. Whatever its content, it is kept: nothing is refused for it.

    A refusal is of who shows a dead key: see `holders.hold`.
    """
    # Locked first: what a phone brings is taken one after the other.
    held = holders.hold(session, [post.shown for post in posts])
    taken = [
        (place, Taking(session, key, installation), posts[place])
        for place, key in enumerate(held)
        if isinstance(key, Held)
    ]
    facts = taking.enter_files(
        session,
        [
            (into.actor, file.kept, {"openrosa": str(into.key.id)})
            for _, into, post in taken
            for file in post.files
        ],
    )
    told: list[Told | Problem | None] = [key if isinstance(key, Problem) else None for key in held]
    for turn in _turns(taken):
        messages = _take_turn([(into, post) for _, into, post in turn])
        for (place, into, _), message in zip(turn, messages, strict=True):
            told[place] = Told(message, into.actor)
    session.flush()
    if facts:
        audit.seal(session)
        taking.number_files(session, facts)
    return [each for each in told if each is not None]


def take_as_it_stands(
    session: Session, installation: Installation, asking: Asking, submission: Submission, silence: timedelta
) -> None:
    """Make a revision of a submission that was silent for so long, or of an edit that was held and has its base now."""
    into = Taking(session, holders.hold_again(session, asking), installation)
    session.refresh(submission, with_for_update=True)
    is_silent = submission.last_at <= clock.now() - silence
    if submission.state == SubmissionState.ARRIVING and is_silent and submission.xml is not None:
        xml = submission.xml
        making.make(into, gathered(session, submission), reading.read(xml), xml)
    elif submission.waits:
        making.again(into, submission)


Placed = tuple[int, Taking, Brought]


def _turns(taken: Sequence[Placed]) -> Iterator[list[Placed]]:
    """Divide what came into turns of one POST of each person: the next of the same person builds on the one before."""
    left = list(taken)
    while left:
        turn: dict[object, Placed] = {}
        for each in left:
            turn.setdefault(each[1].actor.person_id, each)
        yield list(turn.values())
        left = [each for each in left if turn[each[1].actor.person_id] is not each]


def _take_turn(turn: Sequence[tuple[Taking, Brought]]) -> list[str]:
    """Take one POST of each of several people, and say what to tell them."""
    session = turn[0][0].session
    begun = [_begun(into, post) for into, post in turn]
    known = fetch(session, begun)
    forms = checklists.known(
        session, [post.given.form for _, post in turn if isinstance(post.given, ReadInstance)]
    )
    pieces = [gather(known, each, post.files) for (_, post), each in zip(turn, begun, strict=True)]
    looked = [_look(into, post, each, forms) for (into, post), each in zip(turn, pieces, strict=True)]
    keep(session, pieces)
    holders.write_down(session, [into.key for into, _ in turn])
    made = [(into, each) for (into, _), each in zip(turn, looked, strict=True) if isinstance(each, Made)]
    outcomes = iter(making.push(made))
    messages = []
    for (into, _), each in zip(turn, looked, strict=True):
        if isinstance(each, Made):
            outcome = next(outcomes)
            making.settle(into, each, outcome, is_waited_for=known.is_waited_for(each.pieces.submission))
            messages.append(each.message or telling.taken(outcome, len(each.pieces.files)))
        else:
            messages.append(each)
    return messages


def _begun(into: Taking, post: Brought) -> Begun:
    if isinstance(post.given, Unusable):
        name = f"sha256:{reading.hash_of(post.xml)}"
        return Begun(into.actor.person_id, into.key.id, name, ("?", "?"), post.xml)
    return Begun.of(into.actor.person_id, into.key.id, post.given, post.xml)


def _look(
    into: Taking, post: Brought, pieces: Pieces, forms: dict[tuple[str, str], FormVersion]
) -> Made | str:
    """Say what becomes of one POST: a revision, or what to tell where there is none to make."""
    if isinstance(post.given, Unusable):
        return _hold_unusable(into, post, pieces, post.given.code)
    submission = pieces.submission
    if submission.rev is not None and not pieces.fresh:
        return telling.again([file.name for file in pieces.files])
    row = forms.get(post.given.form)
    submission.expected = reading.files_of(post.given.instance, checklists.read(row) if row else None)
    here = {file.name for file in pieces.files}
    lacking = [name for name in submission.expected or () if name not in here]
    if submission.rev is None and (lacking or (submission.expected is None and post.more)):
        if pieces.is_new or pieces.fresh:
            _note(into, submission, post)
        have = len(here) if submission.expected is None else len(submission.expected) - len(lacking)
        return telling.arriving(have, submission.expected)
    return making.write(into, pieces, post.given, post.xml)


def _hold_unusable(into: Taking, post: Brought, pieces: Pieces, code: str) -> Made | str:
    """Keep what nobody can read, once for its content: every repetition is answered the same."""
    pieces.submission.state = SubmissionState.TAKEN.value
    if pieces.is_new:
        return making.write_unusable(into, pieces, post.xml, code)
    if pieces.fresh:
        _note(into, pieces.submission, post)
    return telling.held(code)


def _note(into: Taking, submission: Submission, post: Brought) -> None:
    files = sorted(file.name for file in post.files)
    told = {"instance": submission.instance_id, "key": str(into.key.id), "files": files}
    audit.append(into.session, into.actor, "submission.arriving", ("submission", submission.id), told)
