"""`make bench`: push and pull, at two sizes, on both databases. Writes bench-results/push-pull.json."""

import argparse
import json
import os
import platform
import statistics
import tempfile
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import create_engine, text

from server import audit, feed
from server.access import SYSTEM
from server.app import create_app
from server.settings import Settings
from tests.bench.bureau import Bureau, build_bureau
from tests.bench.traffic import Caller, batch_gain, first_sync, push_rate, running_server
from tests.postgres import running_postgres

OUTPUT = Path("bench-results/push-pull.json")


def settings_of(database: str, url: str, folder: Path) -> Settings:
    url = f"sqlite:///{folder}/bench.sqlite3" if database == "sqlite" else url
    return Settings.from_environment(
        {"MERESTONE_DATA": str(folder), "MERESTONE_DATABASE_URL": url, "MERESTONE_RESERVE_BYTES": "0"}
    )


def touch_tasks(bureau: Bureau, count: int) -> None:
    """Change so many tasks of the first inspector."""
    app = create_app(bureau.settings)
    with audit.transaction(app.sessions) as session:
        for task in bureau.inspectors[0].tasks[:count]:
            feed.touch(session, "task", task)
            audit.append(session, SYSTEM, "task.changed", ("task", task))
    app.close()


def measure_pull(
    ports: dict[int, int], bureaus: dict[int, Bureau], rounds: int
) -> dict[str, dict[str, float]]:
    """Pull latency at each size, in turns, so that noise of the machine meets all sizes alike."""
    callers = {size: Caller(ports[size], bureaus[size].inspectors[0]) for size in bureaus}
    firsts: dict[int, list[float]] = {size: [] for size in bureaus}
    quiet: dict[int, list[float]] = {size: [] for size in bureaus}
    changed: dict[int, list[float]] = {size: [] for size in bureaus}
    cursors, items = {}, {}
    for _ in range(5):
        for size, caller in callers.items():
            elapsed, items[size], cursors[size] = first_sync(caller)
            firsts[size].append(elapsed)
    for _ in range(rounds):
        for size, caller in callers.items():
            path = f"/api/v1/sync/pull?cursor={cursors[size]}"
            quiet[size] += [caller.timed("GET", path) for _ in range(10)]
    for bureau in bureaus.values():
        touch_tasks(bureau, 50)
    for _ in range(rounds):
        for size, caller in callers.items():
            path = f"/api/v1/sync/pull?cursor={cursors[size]}"
            changed[size] += [caller.timed("GET", path) for _ in range(3)]
    return {
        str(size): {
            "nothing_new_ms_p50": round(statistics.median(quiet[size]), 3),
            "fifty_changes_ms_p50": round(statistics.median(changed[size]), 3),
            "first_sync_ms_p50": round(statistics.median(firsts[size]), 2),
            "first_sync_items": items[size],
        }
        for size in bureaus
    }


def measure_push(port: int, bureau: Bureau, items: int, repeats: int) -> list[dict[str, float]]:
    """Every cell several times, in turns, so that noise of the machine meets all alike; medians."""
    epoch = Caller(port, bureau.inspectors[0]).call("GET", "/api/v1/sync/pull")["epoch"]
    cells: dict[tuple[int, int], list[dict[str, float]]] = {}
    for _ in range(repeats):
        for clients in (1, 8, 32):
            for size in (1, 20, 50):
                each = max(size, items // clients // (4 if size == 1 else 1) // size * size)
                found = push_rate(port, bureau, epoch, clients, size, each)
                cells.setdefault((clients, size), []).append(found)
    medians = [
        {name: statistics.median(cell[name] for cell in found) for name in found[0]}
        for found in cells.values()
    ]
    for cell in medians:
        print(f"    push {cell}", flush=True)
    return medians


def measure(database: str, url: str, sizes: list[int], rounds: int, items: int, repeats: int) -> dict:
    with ExitStack() as stack:
        bureaus, ports = {}, {}
        for size in sizes:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="merestone-bench-")))
            its_url = url
            if database == "postgres":
                admin = create_engine(f"{url}/postgres", isolation_level="AUTOCOMMIT")
                with admin.connect() as connection:
                    connection.execute(text(f"create database bench_{size}"))
                admin.dispose()
                its_url = f"{url}/bench_{size}"
            print(f"  {database}: storing {size} records", flush=True)
            bureaus[size] = build_bureau(settings_of(database, its_url, folder), size)
            if database == "postgres":
                tidy = create_engine(its_url, isolation_level="AUTOCOMMIT")
                with tidy.connect() as connection:
                    connection.execute(text("vacuum analyze"))
                tidy.dispose()
            ports[size], _ = stack.enter_context(running_server(bureaus[size]))
        pull = measure_pull(ports, bureaus, rounds)
        print(f"    pull {pull}", flush=True)
        push = {str(size): measure_push(ports[size], bureaus[size], items, repeats) for size in sizes}
        gains = {size: measure_gain(ports[size], bureaus[size], rounds) for size in sizes}
    small, large = str(sizes[0]), str(sizes[-1])
    return {
        "pull": pull,
        "push": push,
        "ratios": {
            f"pull nothing new, {large} to {small} records": round(
                pull[large]["nothing_new_ms_p50"] / pull[small]["nothing_new_ms_p50"], 3
            ),
            **{
                f"one batch of 20 against 20 single pushes, {size} records": round(gain, 2)
                for size, gain in gains.items()
            },
        },
    }


def measure_gain(port: int, bureau: Bureau, rounds: int) -> float:
    epoch = Caller(port, bureau.inspectors[0]).call("GET", "/api/v1/sync/pull")["epoch"]
    return batch_gain(port, bureau, epoch, rounds)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--sizes", default="1000,100000", help="stored records, smallest first")
    parser.add_argument("--databases", default="sqlite,postgres")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--items", type=int, default=800, help="items pushed in each cell")
    parser.add_argument("--repeats", type=int, default=3, help="how often each cell is measured")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    sizes = [int(size) for size in arguments.sizes.split(",")]
    results = {
        "machine": {"cores": os.cpu_count(), "python": platform.python_version(), "system": platform.system()}
    }
    with ExitStack() as stack:
        for database in arguments.databases.split(","):
            url = stack.enter_context(running_postgres()) if database == "postgres" else ""
            print(database, flush=True)
            results[database] = measure(
                database, url, sizes, arguments.rounds, arguments.items, arguments.repeats
            )
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    for database in arguments.databases.split(","):
        for name, ratio in results[database]["ratios"].items():
            print(f"{database}: {name}: {ratio}")
    print(f"written to {arguments.output}")


if __name__ == "__main__":
    main()
