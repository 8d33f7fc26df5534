"""Jobs follow facts: after the commit, once in effect, tried again when they fail."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from server import audit, clock, jobs
from server.access import SYSTEM, Role
from server.accounts.models import Organisation, Region
from server.audit import AuditEntry
from server.duties import Duty
from server.jobs import MOST_ATTEMPTS, Job
from server.reactions import REACTIONS
from server.worker import Worker, drain, make_worker, run_worker

PAST = timedelta(days=1)


def greet(session, fact):
    """A reaction that has one effect however often it runs."""
    name = f"greeted {fact.subject}"
    if session.scalar(select(Organisation).where(Organisation.name == name)) is None:
        session.add(Organisation(name=name, region="140522"))
        session.flush()
        audit.append(session, SYSTEM, "greeting.given", ("greeting", fact.subject))


def stumble(session, fact):
    """A reaction that writes and then fails."""
    session.add(Organisation(name=f"half {fact.subject}", region="140522"))
    session.flush()
    audit.append(session, SYSTEM, "half.done", ("half", fact.subject))
    raise RuntimeError("stumbled")


def say(app, *subjects, action="test.said"):
    with audit.transaction(app.sessions) as session:
        for subject in subjects:
            audit.append(session, SYSTEM, action, ("test", subject))


def dispatch(app, reactions):
    with audit.transaction(app.sessions) as session:
        return jobs.dispatch(session, reactions)


def run_all(app, reactions):
    count = 0
    while jobs.run_next(app.sessions, reactions):
        count += 1
    return count


def rows(app, kind, *where):
    with app.sessions() as session:
        return session.scalars(select(kind).where(*where)).all()


def names(app, like):
    return sorted(each.name for each in rows(app, Organisation, Organisation.name.like(like)))


@pytest.fixture
def bureau(cast):
    """The region that organisations stand in; and no facts left to dispatch."""
    cast.organisation()
    dispatch(cast.app, {})


def test_a_fact_is_reacted_to_once_and_the_reaction_may_state_facts_itself(app, bureau):
    reactions = {"test.said": [greet]}
    say(app, "a", "b")

    assert dispatch(app, reactions) == 2
    assert run_all(app, reactions) == 2
    assert dispatch(app, reactions) == 2  # what the reactions said
    assert dispatch(app, reactions) == 0
    assert run_all(app, reactions) == 0

    assert names(app, "greeted %") == ["greeted a", "greeted b"]
    assert all(job.done_at and job.attempts == 1 for job in rows(app, Job))


def test_facts_that_nobody_waits_for_make_no_jobs(app, bureau):
    say(app, "a", action="other.said")

    assert dispatch(app, {"test.said": [greet]}) == 1
    assert rows(app, Job) == []


def test_a_fact_of_a_transaction_that_was_undone_is_never_reacted_to(app, bureau):
    def break_off():
        with audit.transaction(app.sessions) as session:
            audit.append(session, SYSTEM, "test.said", ("test", "a"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()

    assert dispatch(app, {"test.said": [greet]}) == 0


def test_a_job_that_fails_leaves_nothing_but_its_error_and_is_tried_again_later(app, bureau):
    reactions = {"test.said": [stumble]}
    say(app, "a")
    dispatch(app, reactions)

    assert run_all(app, reactions) == 1

    (job,) = rows(app, Job)
    assert (job.attempts, job.done_at, job.error) == (1, None, "RuntimeError: stumbled")
    assert job.run_after > clock.now()
    assert names(app, "half %") == []
    assert rows(app, AuditEntry, AuditEntry.action == "half.done") == []


def test_one_failing_reaction_does_not_hold_up_the_others(app, bureau):
    reactions = {"test.said": [stumble, greet]}
    say(app, "a")
    dispatch(app, reactions)
    run_all(app, reactions)

    assert names(app, "greeted %") == ["greeted a"]


def test_a_job_that_keeps_failing_is_given_up_and_keeps_its_error(app, bureau):
    reactions = {"test.said": [stumble]}
    say(app, "a")
    dispatch(app, reactions)
    for _ in range(MOST_ATTEMPTS + 3):
        run_all(app, reactions)
        with audit.transaction(app.sessions) as session:
            for job in session.scalars(select(Job)):
                job.run_after = clock.now() - PAST

    (job,) = rows(app, Job)
    assert job.attempts == MOST_ATTEMPTS
    assert job.dead_at
    assert "stumbled" in job.error


def test_a_job_whose_reaction_has_gone_waits_and_says_so(app, bureau):
    say(app, "a")
    dispatch(app, {"test.said": [greet]})

    run_all(app, {})

    (job,) = rows(app, Job)
    assert "no reaction is called" in job.error
    assert job.done_at is None


def test_waits_double_with_jitter_and_have_an_end():
    waits = [jobs.wait_before(attempt, timedelta(seconds=10), timedelta(hours=1)) for attempt in range(1, 40)]

    assert timedelta(seconds=7.5) <= waits[0] <= timedelta(seconds=12.5)
    assert timedelta(seconds=60) <= waits[3] <= timedelta(seconds=100)
    assert max(waits) <= timedelta(minutes=75)
    assert len(set(waits)) == len(waits)


def test_every_reaction_has_a_name_of_its_own():
    reactions = set(jobs.all_of(REACTIONS))  # one may follow from several facts
    assert len({jobs.name_of(each) for each in reactions}) == len(reactions) > 0


def test_two_workers_share_the_jobs_and_none_runs_twice(fresh_app):
    ran, barrier = [], threading.Barrier(3)

    def note(session, fact):
        ran.append(fact.subject)

    reactions = {"test.said": [note]}
    say(fresh_app, *(f"{number:02}" for number in range(30)))

    def work():
        barrier.wait()
        while dispatch(fresh_app, reactions) or run_all(fresh_app, reactions):
            pass

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    barrier.wait()
    for thread in threads:
        thread.join(30)
    run_all(fresh_app, reactions)

    assert sorted(ran) == [f"{number:02}" for number in range(30)]
    assert all(job.done_at and job.attempts == 1 for job in rows(fresh_app, Job))


def test_a_worker_that_dies_in_the_middle_leaves_its_job_to_the_next(fresh_app):
    class Killed(BaseException):
        """As when the process ends: nothing catches it."""

    def die(session, fact):
        session.add(Organisation(name="half", region="140522"))
        session.flush()
        raise Killed

    die.__qualname__ = greet.__qualname__  # the same reaction, in a process that is about to end
    die.__module__ = greet.__module__
    with audit.transaction(fresh_app.sessions) as session:
        session.add(_region())
    say(fresh_app, "a")
    dispatch(fresh_app, {"test.said": [greet]})

    with pytest.raises(Killed):
        jobs.run_next(fresh_app.sessions, {"test.said": [die]})
    (job,) = rows(fresh_app, Job)
    assert (job.attempts, job.done_at) == (0, None)

    assert jobs.run_next(fresh_app.sessions, {"test.said": [greet]})
    assert names(fresh_app, "%") == ["greeted a"]


def _region():
    return Region(code="140522", name="阳城县", parent=None)


def test_a_duty_commits_its_claim_before_the_slow_part_and_settles_after_it(fresh_app):
    steps = []

    def claim(session):
        if not steps:
            session.add(_region())
            steps.append("claimed")
            return ["work"]
        return []

    def perform(work):
        steps.append([each.name for each in rows(fresh_app, Region)])
        return "done"

    def settle(session, work, outcome):
        steps.append((work, outcome))

    duty = Duty("test", claim, perform, settle)
    worker = Worker(fresh_app, [duty])

    assert worker.perform(duty) == 1
    assert worker.perform(duty) == 0
    assert steps == ["claimed", ["阳城县"], ("work", "done")]


def test_one_piece_of_a_duty_that_fails_does_not_hold_up_the_others(fresh_app):
    settled = []

    def perform(work):
        if work == 1:
            raise RuntimeError("no store")
        return work

    duty = Duty(
        "test", lambda session: [1, 2, 3], perform, lambda session, work, outcome: settled.append(outcome)
    )

    with pytest.raises(RuntimeError, match="no store"):
        Worker(fresh_app, [duty]).perform(duty)
    assert settled == [2, 3]


def test_a_round_survives_a_duty_that_fails(fresh_app):
    def claim(session):
        raise RuntimeError("broken")

    say(fresh_app, "a")
    worker = Worker(fresh_app, [Duty("broken", claim, claim, claim)])

    assert worker.work() is True  # there was a fact to dispatch
    assert worker.work() is False


def test_a_worker_runs_until_it_is_told_to_stop(fresh_app):
    stop = threading.Event()
    thread = threading.Thread(target=run_worker, args=(fresh_app, stop))
    thread.start()
    say(fresh_app, "a")
    stop.set()
    thread.join(20)
    assert not thread.is_alive()


def test_once_ends_when_nothing_is_due_and_remembers_how_far_the_log_has_come(fresh_app):
    say(fresh_app, "a", "b")

    run_worker(fresh_app, threading.Event(), once=True)

    with fresh_app.readers() as session:
        seq, _ = audit.head(session)
    assert f'"high_seq":{seq}' in fresh_app.installation.epoch_file.read_text().replace(" ", "")


def test_draining_within_a_test_tells_of_jobs_that_failed(app, cast):
    cast.signed_in(Role.PLANNER)
    say(app, "00000000-0000-4000-8000-000000000000", action="draw.published")  # a draw that is not there

    with pytest.raises(RuntimeError, match="open_tasks"):
        drain(app)


def test_a_worker_without_a_platform_has_no_delivery_duty(app):
    assert "deliver" not in {duty.name for duty in make_worker(app).duties}
