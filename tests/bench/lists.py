"""`python -m tests.bench.lists`: what every page of every list costs, at two sizes, on both databases. Writes bench-results/lists.json.

A province with cities and counties; one record and one result to a task. More than half of all is under way, whatever the size, so
that grows as well. Asked for a supervisor of a county, a city and the province, and for the public; sizes in turns. What is told is
the time of the processor within the WSGI call, of its thread and of the processes of PostgreSQL that answer it, which others on
the machine don't disturb: a read waits for nothing else. Growth is that of the first quartile, between pages of as many rows.
`--keep FOLDER` keeps the filled databases there, and uses those that are.
"""

import argparse
import gc
import json
import statistics
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text

from server.app import create_app
from server.serve import prepare_installation
from tests.bench.__main__ import settings_of
from tests.bench.explaining import explain
from tests.bench.exporting import export
from tests.bench.machine import this_machine
from tests.bench.pages import PAGES, ROWS, Asked
from tests.bench.province import Province
from tests.postgres import running_postgres

OUTPUT = Path("bench-results/lists.json")
MOST_MS, GROWTH, SLACK_MS = 100.0, 1.3, 1.0
BOUNDED_MS = 15.0
"""Of what reads up to a bound that little stored does not reach: the board counts to 1,000 in each column, and up to 500 objects
that bear a label are put into order."""
_BOUNDED = ("board", "objects with a rare tag")
_WARM = 2
EXPORTED = ("results", "deliveries")


def measure(provinces: Mapping[int, Province], rounds: int, named: str) -> dict[str, Any]:
    """Ask for every list at every size in turns; the figure of each, and how it grows from the smallest to the largest."""
    found: dict[str, Any] = {}
    for page in PAGES:
        for asker in page.askers:
            name = f"{page.name} ({asker})"
            if named in name:
                found[name] = _measured(provinces, page, asker, rounds)
                print(f"    {name}: {found[name]}", flush=True)
    return found


def _measured(provinces: Mapping[int, Province], page: Asked, asker: str, rounds: int) -> dict[str, Any]:
    small, large = min(provinces), max(provinces)
    wholes = {size: province.address_of(page) for size, province in provinces.items()}
    rows = {size: _rows(provinces[size].ask(asker, wholes[size])[1]) for size in provinces}
    compared = compared_rows(provinces, page, asker)
    addresses = {size: province.address_of(page, compared) for size, province in provinces.items()}
    times, statements = _times(provinces, asker, addresses, rounds)
    if addresses == wholes:
        whole = times[large]
    else:
        largest = {large: provinces[large]}
        whole = _times(largest, asker, {large: wholes[large]}, max(5, rounds // 2))[0][large]
    figures = {size: statistics.quantiles(each)[0] for size, each in times.items()}
    ratio = figures[large] / figures[small]
    slack = BOUNDED_MS if page.name in _BOUNDED else SLACK_MS
    p50 = statistics.median(whole)
    steps = {size: each.work(asker, addresses[size]) for size, each in provinces.items() if each.is_sqlite}
    return {
        "rows": {str(size): count for size, count in rows.items()},
        "compared rows": compared,
        "ms": {str(size): round(each, 2) for size, each in figures.items()},
        "ratio": round(ratio, 3),
        "p50 ms": round(p50, 2),
        "p95 ms": round(statistics.quantiles(whole, n=20)[-1], 2),
        "statements": statements,
        "steps of SQLite": {str(size): count for size, count in steps.items()},
        "steady": ratio <= GROWTH or figures[large] - figures[small] <= slack,
        "met": (ratio <= GROWTH or figures[large] - figures[small] <= slack) and p50 <= MOST_MS,
    }


def compared_rows(provinces: Mapping[int, Province], page: Asked, asker: str, most: int = ROWS) -> int:
    """Say of how many rows pages are compared: a small county may not have a hundred."""
    smallest = provinces[min(provinces)]
    rows = _rows(smallest.ask(asker, smallest.address_of(page, most))[1])
    return most if rows is None else max(1, min(rows, most))


def _times(
    provinces: Mapping[int, Province], asker: str, addresses: Mapping[int, str], rounds: int
) -> tuple[dict[int, list[float]], dict[str, int]]:
    times: dict[int, list[float]] = {size: [] for size in provinces}
    for turn in range(rounds + _WARM):
        for size, province in provinces.items():
            taken, _ = province.ask(asker, addresses[size])
            if turn >= _WARM:
                times[size].append(taken)
    return times, {str(size): province.statements for size, province in provinces.items()}


def _rows(answer: Any) -> int | None:
    """Count the rows of a page; None of what is no list."""
    body = answer.get_json() if answer.is_json else None
    return len(body) if isinstance(body, list) else None


def run(database: str, url: str, sizes: list[int], asked: argparse.Namespace) -> dict[str, Any]:
    """Fill a database of each size, and measure them in turns."""
    with ExitStack() as stack:
        provinces = {}
        for size in sizes:
            folder = _folder(stack, asked.keep, f"{database}-{size}")
            its_url = _database(url, f"lists_{size}") if database == "postgres" else url
            settings = settings_of(database, its_url, folder)
            prepare_installation(settings)
            app = create_app(settings)
            stack.callback(app.close)
            began = time.monotonic()
            provinces[size] = Province(app, size)
            print(f"  {database}: {size} records stored in {time.monotonic() - began:.0f} s", flush=True)
        if asked.explain:
            for name, plans in explain(provinces[max(sizes)], asked.only).items():
                print(f"== {name}", *plans, sep="\n", flush=True)
        gc.collect()  # as a server does before it serves: what is loaded is not looked through again
        gc.freeze()
        found: dict[str, Any] = {"pages": measure(provinces, asked.rounds, asked.only)}
        if not asked.only:
            found["exports"] = {path: export(provinces[max(sizes)], path) for path in EXPORTED}
        return found


def _folder(stack: ExitStack, keep: Path | None, name: str) -> Path:
    if keep is None:
        return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="merestone-lists-")))
    (keep / name).mkdir(parents=True, exist_ok=True)
    return (keep / name).absolute()


def _database(url: str, name: str) -> str:
    admin = create_engine(f"{url}/postgres", isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        there = connection.scalar(
            text("select count(*) from pg_database where datname = :name"), {"name": name}
        )
        if not there:
            connection.execute(text(f"create database {name}"))
    admin.dispose()
    return f"{url}/{name}"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.lists")
    parser.add_argument("--sizes", default="10000,100000", help="stored records, the smallest first")
    parser.add_argument("--databases", default="sqlite,postgres")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--full", action="store_true", help="10000 and 1000000 records")
    parser.add_argument("--only", default="", help="only pages that are called so")
    parser.add_argument("--explain", action="store_true", help="print the plan of every statement")
    parser.add_argument("--keep", type=Path, help="a folder for filled databases, to be used again")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    asked = parser.parse_args()
    sizes = [int(size) for size in ("10000,1000000" if asked.full else asked.sizes).split(",")]
    results: dict[str, Any] = {
        "machine": this_machine(),
        "targets": {
            "ms at most": MOST_MS,
            "ratio at most": GROWTH,
            "or slower by at most, ms": SLACK_MS,
            "what reads up to a bound by, ms": BOUNDED_MS,
        },
        "sizes": sizes,
        "databases": {},
    }
    databases = asked.databases.split(",")
    with ExitStack() as stack:
        for database in databases:
            kept = (asked.keep / "cluster").absolute() if asked.keep else None
            url = stack.enter_context(running_postgres(kept)) if database == "postgres" else ""
            results["databases"][database] = run(database, url, sizes, asked)
    asked.output.parent.mkdir(parents=True, exist_ok=True)
    asked.output.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    missed = [
        f"{database}: {name}"
        for database, found in results["databases"].items()
        for name, each in found["pages"].items()
        if not each["met"]
    ]
    print(f"written to {asked.output}; not met: {', '.join(missed) or 'none'}")


if __name__ == "__main__":
    main()
