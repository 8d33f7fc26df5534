"""`python -m tests.bench.lists`: what pages of lists and the board cost, at two sizes. Writes bench-results/lists.json.

A province with cities and counties; one record and one result to a task. More than half of all is under way, whatever the size, so
that grows as well. Asked for a supervisor of a county, a city and the province; sizes in turns. What is told is the time
within the WSGI call: on SQLite that of the processor, as everything is done in that thread, which others on the machine
don't disturb; on PostgreSQL the first quartile of what the clock says.
"""

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, create_engine, event, text

from server import audit
from server.access import Role
from server.accounts.models import Organisation, Region
from server.accounts.service import Attempt, Lifetimes, add_person, hash_password, sign_in
from server.app import create_app
from server.http import App
from server.serve import prepare_installation
from tests.bench.__main__ import settings_of
from tests.bench.bulk import filling
from tests.bench.standing import CITIES, COUNTIES, Standing, code_of
from tests.postgres import running_postgres

OUTPUT = Path("bench-results/lists.json")
LISTS = {
    "tasks": "tasks?limit=100",
    "tasks not begun": "tasks?state=assigned&limit=10",
    "records": "records?limit=100",
    "review queue": "records?waiting=true&limit=10",
    "records returned": "records?state=returned&limit=10",
    "results": "results?limit=100",
    "results confirmed": "results?state=confirmed&limit=10",
    "followups": "followups?limit=100",
    "followups open": "followups?state=open&limit=10",
    "board": "board",
}
DEEP = ("tasks", "records", "results")
ASKERS = {"county": code_of(0, 1), "city": code_of(0, 0), "province": "140000"}
MOST_MS, GROWTH, SLACK_MS = 100.0, 1.3, 1.0
# Of the board: it counts up to a bound in each column, which a small county does not reach.
COUNTING_MS = 10.0
PASSWORD = "bench-password"
_HOURS = timedelta(hours=12)


class Province:
    """An installation of a size, and a signed-in supervisor for each kind of jurisdiction."""

    def __init__(self, app: App, size: int) -> None:
        self.app, self.size = app, size
        self.tokens = _build(app, size)
        self._client = app.test_client()
        is_sqlite = app.settings.database_url.startswith("sqlite")
        self._clock = time.thread_time if is_sqlite else time.perf_counter

    def ask(self, asker: str, path: str) -> tuple[float, Any]:
        """Ask for a page; returns milliseconds and the answer."""
        headers = {"Authorization": f"Bearer {self.tokens[asker]}"}
        began = self._clock()
        answer = self._client.get(path, headers=headers, buffered=True)
        taken = (self._clock() - began) * 1000
        if answer.status_code != 200:
            raise RuntimeError(f"{path}: {answer.status_code} {answer.get_data(as_text=True)[:500]}")
        return taken, answer


def _build(app: App, size: int) -> dict[str, str]:
    hashed = hash_password(PASSWORD)
    with audit.transaction(app.sessions) as session:
        codes = [code_of(city, county) for city in range(CITIES) for county in range(COUNTIES + 1)]
        for code in ("140000", *codes):
            session.add(Region(code=code, name=f"地区{code}"))
        session.flush()
        bureaus = {code: Organisation(name=f"{code}自然资源局", region=code) for code in ("140000", *codes)}
        session.add_all(bureaus.values())
        session.flush()
        organisations = {code: bureau.id for code, bureau in bureaus.items()}
        person = add_person(
            session, "inspector", "检查员", "", [Role.INSPECTOR], bureaus["140000"], hashed=hashed
        )
        inspector: UUID = person.id
        for asker, code in ASKERS.items():
            add_person(session, asker, asker, "", [Role.SUPERVISOR], bureaus[code], hashed=hashed)
    tokens = {}
    for asker in ASKERS:
        with audit.transaction(app.sessions) as session:
            opened = sign_in(session, Attempt(asker, hashed, True), None, Lifetimes(_HOURS, _HOURS))
            tokens[asker] = opened.token
    with filling(app.sessions.kw["bind"].engine) as bulk:
        Standing(bulk, size, organisations, inspector).run()
    return tokens


def measure(provinces: Mapping[int, Province], rounds: int) -> dict[str, Any]:
    """Ask for every list at every size in turns; the figure of each, and how it grows from the smallest to the largest."""
    found: dict[str, Any] = {}
    small, large = min(provinces), max(provinces)
    for asker in ASKERS:
        for name, address in _pages(provinces, asker).items():
            times: dict[int, list[float]] = {size: [] for size in provinces}
            for turn in range(rounds + 2):
                for size, province in provinces.items():
                    taken, _ = province.ask(asker, address[size])
                    if turn >= 2:
                        times[size].append(taken)
            figures = {size: statistics.quantiles(each)[0] for size, each in times.items()}
            ratio = figures[large] / figures[small]
            slack = COUNTING_MS if name == "board" else SLACK_MS
            steady = ratio <= GROWTH or figures[large] - figures[small] <= slack
            found[f"{name} ({asker})"] = {
                "ms": {str(size): round(each, 2) for size, each in figures.items()},
                "ratio": round(ratio, 3),
                "met": steady and figures[large] <= MOST_MS,
            }
            print(f"    {name} ({asker}): {found[f'{name} ({asker})']}", flush=True)
    return found


def _pages(provinces: Mapping[int, Province], asker: str) -> dict[str, dict[int, str]]:
    """The address of each page at each size; of some lists also the twentieth page, which lies behind a place."""
    pages = {name: dict.fromkeys(provinces, f"/api/v1/{path}") for name, path in LISTS.items()}
    for name in DEEP:
        deep = {}
        for size, province in provinces.items():
            address = pages[name][size].replace("limit=100", "limit=5")
            for _ in range(19):
                link = province.ask(asker, address)[1].headers.get("Link")
                if link is None:
                    break
                address = link.split(">")[0].lstrip("<")
            deep[size] = address
        pages[f"{name}, a later page"] = deep
    return pages


def explain(province: Province) -> dict[str, list[str]]:
    """Tell the plan of every statement on the way to each list: what a mended index is judged by."""
    plans: dict[str, list[str]] = {}
    engine = province.app.sessions.kw["bind"].engine
    heard: list[tuple[str, Any]] = []

    def hear(_connection: Connection, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        heard.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", hear)
    for asker in ASKERS:
        for name, path in LISTS.items():
            heard.clear()
            province.ask(asker, f"/api/v1/{path}")
            asked = [each for each in heard if each[0].lstrip().upper().startswith("SELECT")]
            plans[f"{name} ({asker})"] = [_plan(province.app, *each) for each in asked]
    event.remove(engine, "before_cursor_execute", hear)
    return plans


def _plan(app: App, statement: str, parameters: Any) -> str:
    with app.sessions.kw["bind"].engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        how = "EXPLAIN QUERY PLAN" if is_sqlite else "EXPLAIN (ANALYZE, BUFFERS, TIMING OFF)"
        rows = connection.exec_driver_sql(f"{how} {statement}", parameters).all()
        told = "; ".join(str(row[3]) for row in rows) if is_sqlite else "\n".join(row[0] for row in rows)
        return f"{statement[:200]} … {statement[-220:]}\n  => {told}"


def run(database: str, url: str, sizes: list[int], asked: argparse.Namespace) -> dict[str, Any]:
    """Fill a database of each size, and measure them in turns."""
    with ExitStack() as stack:
        provinces = {}
        for size in sizes:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="merestone-lists-")))
            its_url = url
            if database == "postgres":
                admin = create_engine(f"{url}/postgres", isolation_level="AUTOCOMMIT")
                with admin.connect() as connection:
                    connection.execute(text(f"create database lists_{size}"))
                admin.dispose()
                its_url = f"{url}/lists_{size}"
            settings = settings_of(database, its_url, folder)
            prepare_installation(settings)
            app = create_app(settings)
            stack.callback(app.close)
            began = time.monotonic()
            provinces[size] = Province(app, size)
            print(f"  {database}: {size} records stored in {time.monotonic() - began:.0f} s", flush=True)
        if asked.explain:
            for name, plans in explain(provinces[max(sizes)]).items():
                print(f"== {name}", *plans, sep="\n", flush=True)
        return measure(provinces, asked.rounds)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.lists")
    parser.add_argument("--sizes", default="10000,100000", help="stored records, the smallest first")
    parser.add_argument("--databases", default="sqlite,postgres")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--full", action="store_true", help="10000 and 1000000 records")
    parser.add_argument("--explain", action="store_true", help="print the plan of every statement")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    asked = parser.parse_args()
    sizes = [int(size) for size in ("10000,1000000" if asked.full else asked.sizes).split(",")]
    results: dict[str, Any] = {
        "machine": {
            "cores": os.cpu_count(),
            "python": platform.python_version(),
            "system": platform.system(),
        },
        "targets": {
            "ms at most": MOST_MS,
            "ratio at most": GROWTH,
            "or slower by at most, ms": SLACK_MS,
            "the board by": COUNTING_MS,
        },
    }
    with ExitStack() as stack:
        for database in asked.databases.split(","):
            url = stack.enter_context(running_postgres()) if database == "postgres" else ""
            results[database] = run(database, url, sizes, asked)
    asked.output.parent.mkdir(parents=True, exist_ok=True)
    asked.output.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    missed = [
        f"{database}: {name}"
        for database in asked.databases.split(",")
        for name, each in results[database].items()
        if not each["met"]
    ]
    print(f"written to {asked.output}; not met: {', '.join(missed) or 'none'}")


if __name__ == "__main__":
    main()
