"""Bugs put into the real server and the real phone on purpose, to show that the simulation finds such as these.

    python -m tests.simulation.handlers_mutants [--examples N] [--only NAME]

prints, for each, how many schedules it lived through.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest import mock

from sqlalchemy import event, insert, select

from server import audit, feed
from server.exchange import holding, ledger, scope, service
from server.exchange.models import PushedOperation
from server.inspections import accepting, assigning
from server.inspections.models import TaskState
from server.problems import TaskClosed
from sync import Grown
from tests.conftest import Database, postgres_database, sqlite_database
from tests.postgres import running_postgres
from tests.simulation.handlers import bureau_on, run_many, workshop

Patch = Callable[[], AbstractContextManager[Any]]


@contextmanager
def receipt_in_its_own_transaction() -> Iterator[None]:
    """The ledger's rows are written after the effect is committed."""

    def claim_all(self: Any, by_op: Mapping[Any, Any]) -> set[Any]:
        there = select(PushedOperation.op).where(PushedOperation.op.in_(by_op))
        return set(by_op) - set(self._session.scalars(there))

    settle = ledger.SqlLedger.settle

    def settled_later(self: Any, outcomes: Any) -> Any:
        settled = settle(self, outcomes)
        rows = [
            {
                "op": each.op,
                "person_id": self._people[each.op].person_id,
                "content": each.content,
                "reply": each.as_json(),
                "seq": each.seq,
                "at": audit.clock.now(),
            }
            for each in settled
        ]
        bind = self._session.get_bind()

        def write(_session: Any) -> None:
            with bind.begin() as connection:
                connection.execute(insert(PushedOperation), rows)

        if rows:
            event.listen(self._session, "after_commit", write, once=True)
        return settled

    with (
        mock.patch.object(ledger.SqlLedger, "_claim_all", claim_all),
        mock.patch.object(ledger.SqlLedger, "settle", settled_later),
    ):
        yield


def answered_anew() -> AbstractContextManager[Any]:
    """A retry is applied again."""
    claim_all = ledger.SqlLedger._claim_all

    def claims_all(self: Any, by_op: Mapping[Any, Any]) -> set[Any]:
        claim_all(self, by_op)
        return set(by_op)

    return mock.patch.object(ledger.SqlLedger, "_claim_all", claims_all)


def touch_forgotten_on_reassign() -> AbstractContextManager[Any]:
    """Those who stay on a task are not told who else is on it now."""
    return mock.patch.object(assigning, "feed", _Silent(feed, "touch"))


def tombstones_forgotten() -> AbstractContextManager[Any]:
    """Whoever leaves a task is not told."""
    return mock.patch.object(assigning, "hide")


def newcomers_see_no_records() -> AbstractContextManager[Any]:
    """Whoever comes to a task is shown the task alone."""
    show = assigning.show
    return mock.patch.object(
        assigning, "show", lambda session, task, people, _: show(session, task, people, ())
    )


def only_the_author_sees_it() -> AbstractContextManager[Any]:
    """A new record is shown to its author alone."""
    tell = accepting._tell

    def told(session: Any, its_desk: Any, judged: Any, record: Any, *, is_new: bool) -> None:
        held = its_desk.assignments
        mine = [each for each in held[judged.task.id] if each.person_id == its_desk.actor.person_id]
        its_desk.assignments = {**held, judged.task.id: mine}
        tell(session, its_desk, judged, record, is_new=is_new)
        its_desk.assignments = held

    return mock.patch.object(accepting, "_tell", told)


def last_writer_wins() -> AbstractContextManager[Any]:
    """A record has one head: whatever came last."""
    grow = accepting.add_revision

    def overwritten(heads: Any, graph: Any, rev: str, parents: Any) -> Grown:
        return replace(grow(heads, graph, rev, parents), heads=(rev,))

    return mock.patch.object(accepting, "add_revision", overwritten)


def withdrawn_work_refused() -> AbstractContextManager[Any]:
    """Work on a task that was withdrawn is refused."""
    take = service.inspections.open_desks

    def refusing(*given: Any, **more: Any) -> Any:
        opened = take(*given, **more)
        if any(task.state == TaskState.WITHDRAWN for desk in opened for task in desk.tasks.values()):
            raise TaskClosed(state="withdrawn")
        return opened

    return mock.patch.object(service.inspections, "open_desks", refusing)


def all_under_the_firsts_name() -> AbstractContextManager[Any]:
    """What several phones push together is taken for the work of the first of them."""
    take = service._take

    def mixed(session: Any, installation: Any, brought: Any, objections: Any) -> Any:
        first = brought[0][0]
        return take(session, installation, [(first, item) for _, item in brought], objections)

    return mock.patch.object(service, "_take", mixed)


def whose_region_lies_higher_is_not_heard() -> AbstractContextManager[Any]:
    """What is told to a region is heard by its own people, and not by those of the regions that lie in it."""
    reader = scope._reader

    def narrow(epoch: str, user: str, rows: Sequence[Any]) -> Any:
        own = [row for row in rows if row[0]][:1]
        return reader(epoch, user, [*own, *(row for row in rows if not row[0])] or rows)

    return mock.patch.object(scope, "_reader", narrow)


@contextmanager
def nothing_is_asked_for_again() -> Iterator[None]:
    """A server that lost work says of no revision that it lacks it, and nothing of any operation."""
    with (
        mock.patch.object(holding, "missing_revisions", return_value=[]),
        mock.patch.object(service, "statuses", return_value=[]),
    ):
        yield


class _Silent:
    """A module of which one function does nothing."""

    def __init__(self, module: Any, name: str) -> None:
        self._module, self._name = module, name

    def __getattr__(self, name: str) -> Any:
        return (lambda *_: None) if name == self._name else getattr(self._module, name)


@dataclass(frozen=True)
class Mutant:
    """A bug, how it is put in, and by database the first seed that shows it."""

    patch: Patch
    seeds: Mapping[str, int]

    @property
    def name(self) -> str:
        return str(self.patch.__name__)  # type: ignore[attr-defined]


MUTANTS = [
    Mutant(receipt_in_its_own_transaction, {"sqlite": 15}),
    Mutant(answered_anew, {"sqlite": 3, "postgres": 3}),
    Mutant(touch_forgotten_on_reassign, {"sqlite": 13, "postgres": 1}),
    Mutant(tombstones_forgotten, {"sqlite": 2, "postgres": 1}),
    Mutant(newcomers_see_no_records, {"sqlite": 4}),
    Mutant(only_the_author_sees_it, {"sqlite": 1, "postgres": 1}),
    Mutant(last_writer_wins, {"sqlite": 7}),
    Mutant(withdrawn_work_refused, {"sqlite": 43}),
    Mutant(nothing_is_asked_for_again, {"sqlite": 2}),
    Mutant(whose_region_lies_higher_is_not_heard, {"sqlite": 5}),
    Mutant(all_under_the_firsts_name, {"sqlite": 22}),
]


def shows_itself(report: Mapping[str, Any]) -> bool:
    """Say whether a bug broke what has to hold. A server that fails at every push shows only that the bug is put in wrongly."""
    return any(not violation["what"].startswith("failed:") for violation in report["violations"])


def hunt(database: Database, mutants: list[Mutant], examples: int, seed: int = 1) -> dict[str, Any]:
    """Run schedules against each bug until one shows it; the seed and what it broke, or None."""
    found: dict[str, Any] = {}
    with bureau_on(database) as bureau:
        for mutant in mutants:
            with mutant.patch():
                report = run_many(bureau, seed, examples, until=True)
            first = report["violations"][0] if shows_itself(report) else None
            found[mutant.name] = first and {"schedules": report["schedules"], **first}
            print(mutant.name, json.dumps(found[mutant.name], ensure_ascii=False), flush=True)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--only", action="append")
    given = parser.parse_args()
    mutants = [each for each in MUTANTS if not given.only or each.name in given.only]
    with ExitStack() as stack:
        folder = stack.enter_context(workshop())
        if given.database == "sqlite":
            database = sqlite_database(folder)
        else:
            database = postgres_database(stack.enter_context(running_postgres()))
        found = hunt(database, mutants, given.examples, given.seed)
    return 0 if all(found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
