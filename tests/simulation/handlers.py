"""L1: schedules over the real handlers and a real database in one process, each from one seed.

    python -m tests.simulation.handlers --examples N --database sqlite|postgres [--seed S] [--json FILE]

Schedule number i has the seed S + i. One that fails is replayed step by step with `--examples 1 --seed` and `--tell`.
"""

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from tests.conftest import Database, postgres_database, sqlite_database
from tests.postgres import running_postgres
from tests.simulation.handlers_bureau import Bureau, Timepiece, one_seed, prepare
from tests.simulation.handlers_schedule import Schedule

STEPS = 30
_MEMORY = Path("/dev/shm")


@contextmanager
def workshop() -> Iterator[Path]:
    """A folder for databases that nobody needs afterwards, in memory where there is such a place."""
    where = _MEMORY if _MEMORY.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="merestone-simulation-", dir=where) as folder:
        yield Path(folder)


@contextmanager
def bureau_on(database: Database) -> Iterator[Bureau]:
    """A bureau on a database, from which schedules begin."""
    with workshop() as folder:
        bureau = prepare(database, folder, Timepiece())
        try:
            yield bureau
        finally:
            bureau.close()


def run_one(
    bureau: Bureau, seed: int, steps: int = STEPS, tell: Any = None
) -> tuple[list[str], Counter[str]]:
    """Run one schedule; what does not hold, and the faults that were injected."""
    with one_seed(seed, bureau.timepiece):
        schedule = Schedule(bureau, seed, steps, tell)
        return schedule.run(), schedule.faults


def run_many(
    bureau: Bureau, seed: int, examples: int, steps: int = STEPS, until: bool = False
) -> dict[str, Any]:
    """Run schedules from a seed on; `until`: stop at the first violation."""
    faults: Counter[str] = Counter()
    found: list[dict[str, Any]] = []
    started, done = time.monotonic(), 0
    for number in range(seed, seed + examples):
        broken, injected = run_one(bureau, number, steps)
        done, faults = done + 1, faults + injected
        found += [{"seed": number, "what": each} for each in broken]
        if found and until:
            break
    return {
        "layer": "L1",
        "database": bureau.database,
        "seed": seed,
        "schedules": done,
        "seconds": round(time.monotonic() - started, 1),
        "faults": dict(sorted(faults.items())),
        "violations": found,
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=STEPS)
    parser.add_argument("--json", type=Path)
    parser.add_argument(
        "--tell", action="store_true", help="say every step; stop at what nobody has foreseen"
    )
    given = parser.parse_args()
    with ExitStack() as stack:
        folder = stack.enter_context(workshop())
        if given.database == "sqlite":
            database = sqlite_database(folder)
        else:
            database = postgres_database(stack.enter_context(running_postgres()))
        bureau = stack.enter_context(bureau_on(database))
        if given.tell:
            for number in range(given.seed, given.seed + given.examples):
                print(number, *run_one(bureau, number, given.steps, print), sep="\n")
            return 0
        report = run_many(bureau, given.seed, given.examples, given.steps)
    text = json.dumps(report, ensure_ascii=False, indent=2)
    if given.json:
        given.json.write_text(text + "\n")
    print(text)
    return 1 if report["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
