"""`make bench`: push and pull, at two sizes, on both databases. Writes bench-results/push-pull.json."""

import argparse
import json
import statistics
import sys
import tempfile
import time
import traceback
from contextlib import ExitStack
from itertools import product
from pathlib import Path

from sqlalchemy import create_engine, text

from server.settings import Settings
from tests.bench.bureau import Bureau, build_bureau, touch
from tests.bench.machine import pace, this_machine
from tests.bench.targets import judge
from tests.bench.traffic import Answer, Caller, batch_gain, first_sync, push_rate, running_server
from tests.postgres import running_postgres

CLIENTS, BATCHES = (1, 8, 32), (1, 20, 50)
#: So many items are to be seen of three days, and by whom of so many they are most nearly.
VISIBLE, CANDIDATES = 45, 16
OUTPUT = Path("bench-results/push-pull.json")


def settings_of(database: str, url: str, folder: Path) -> Settings:
    url = f"sqlite:///{folder}/bench.sqlite3" if database == "sqlite" else url
    return Settings.from_environment(
        {
            "MERESTONE_DATA": str(folder),
            "MERESTONE_DATABASE_URL": url,
            "MERESTONE_RESERVE_BYTES": "0",
            "MERESTONE_PUBLIC_A_MINUTE": "0",
        }
    )


def measure_pull(
    ports: dict[int, int], bureaus: dict[int, Bureau], changes: dict[int, int], rounds: int
) -> dict[str, dict[str, float]]:
    """Pull latency at each size, in turns, so that noise of the machine meets all sizes alike."""
    callers = {size: Caller(ports[size], bureaus[size].inspectors[0]) for size in bureaus}
    figures: dict[int, dict[str, float]] = {size: {} for size in bureaus}
    cursors: dict[int, str] = {}
    firsts: dict[int, list[float]] = {size: [] for size in bureaus}
    for _ in range(5):
        for size, caller in callers.items():
            elapsed, items, cursors[size] = first_sync(caller)
            firsts[size].append(elapsed)
            figures[size]["first_sync_items"] = items
    for size, found in firsts.items():
        figures[size]["first_sync_wall_ms_p50"] = round(statistics.median(found), 2)
    paths = {size: f"/api/v1/sync/pull?cursor={cursors[size]}" for size in bureaus}
    in_turns(callers, paths, rounds * 10, "nothing_new", figures)
    in_turns(callers, paths, rounds * 10, "nothing_new_minimal", figures, Prefer="return=minimal")
    print(f"    pull {figures}", flush=True)
    for size, bureau in bureaus.items():
        candidates = bureau.inspectors[:CANDIDATES]
        before = [first_sync(Caller(ports[size], inspector))[2] for inspector in candidates]
        touch(bureau, changes[size])
        pages: list[tuple[int, Caller, str]] = []
        for inspector, cursor in zip(candidates, before, strict=True):
            caller, path = Caller(ports[size], inspector), f"/api/v1/sync/pull?cursor={cursor}"
            pages.append((len(caller.call("GET", path)["items"]), caller, path))
        items, callers[size], paths[size] = min(pages, key=lambda page: abs(page[0] - VISIBLE))
        figures[size]["three_days_changes"] = changes[size]
        figures[size]["three_days_items"] = items
    in_turns(callers, paths, rounds * 3, "three_days", figures)
    blobs = {size: f"{path}&prefill=blob" for size, path in paths.items()}
    in_turns(callers, blobs, rounds * 3, "three_days_without_prefill", figures)
    return {str(size): its for size, its in figures.items()}


def in_turns(
    callers: dict[int, Caller],
    paths: dict[int, str],
    rounds: int,
    name: str,
    figures: dict[int, dict[str, float]],
    **headers: str,
) -> None:
    """Ask at each size in turns and enter the medians: over loopback, in the server, and of the processor; and its pace."""
    answers: dict[int, list[Answer]] = {size: [] for size in callers}
    paces = [pace()]  # not among the rounds: what it leaves in the caches would slow down each of them
    for _ in range(rounds):
        for size, caller in callers.items():
            answers[size].append(caller.timed("GET", paths[size], **headers))
    paces.append(pace())
    for size, found in answers.items():
        figures[size] |= {
            f"{name}_wall_ms_p50": round(statistics.median(each.wall for each in found), 3),
            f"{name}_server_ms_p50": round(statistics.median(each.server for each in found), 3),
            f"{name}_cpu_ms_p50": round(statistics.median(each.cpu for each in found), 3),
            f"{name}_bytes": found[-1].size,
            f"{name}_pace_ms": round(statistics.mean(paces), 2),
        }


def measure_push(
    port: int, bureau: Bureau, wanted: list[tuple[int, int, bool]], items: int, repeats: int
) -> list[dict[str, float]]:
    """Every cell several times, in turns, so that noise of the machine meets all alike; medians."""
    epoch = Caller(port, bureau.inspectors[0]).call("GET", "/api/v1/sync/pull")["epoch"]
    cells: dict[tuple[int, int, bool], list[dict[str, float]]] = {}
    for _ in range(repeats):
        for clients, size, days in wanted:
            each = max(size, items // clients // (4 if size == 1 else 1) // size * size)
            before = pace()
            found = push_rate(port, bureau, epoch, clients, size, each, days=days)
            found["pace_ms"] = round((before + pace()) / 2, 2)
            cells.setdefault((clients, size, days), []).append(found)
    medians = [
        {name: statistics.median(cell[name] for cell in found) for name in found[0]}
        for found in cells.values()
    ]
    for cell in medians:
        print(f"    push {cell}", flush=True)
    return medians


def measure(database: str, url: str, sizes: list[int], asked: argparse.Namespace) -> dict:
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
            began = time.monotonic()
            bureaus[size] = build_bureau(settings_of(database, its_url, folder), size)
            print(f"    {bureaus[size].size} in {time.monotonic() - began:.0f} s", flush=True)
        for size, bureau in bureaus.items():
            ports[size], _ = stack.enter_context(running_server(bureau))
        changes = {size: size * 3 // 20 for size in sizes}  # three days of a bureau of this size
        pull = measure_pull(ports, bureaus, changes, asked.rounds)
        print(f"    pull {pull}", flush=True)
        cells = [(8, 20, True), (8, 20, False)]
        if not asked.full:
            cells += [
                (clients, size, False)
                for clients, size in product(CLIENTS, BATCHES)
                if (clients, size) != (8, 20)
            ]
        push = {
            str(size): measure_push(ports[size], bureaus[size], cells, asked.items, asked.repeats)
            for size in sizes
        }
        gains = {} if asked.full else {s: measure_gain(ports[s], bureaus[s], asked.rounds) for s in sizes}
    small, large = str(sizes[0]), str(sizes[-1])
    return {
        "pull": pull,
        "push": push,
        "ratios": {
            f"pull nothing new, {large} to {small} records": round(
                pull[large]["nothing_new_server_ms_p50"] / pull[small]["nothing_new_server_ms_p50"], 3
            ),
            **{
                f"one batch of 20 against 20 single pushes, {size} records": round(gain, 2)
                for size, gain in gains.items()
            },
        },
    }


def measure_one(database: str, sizes: list[int], asked: argparse.Namespace) -> dict:
    """Measure one kind of database and judge it; what breaks off says so in `state`, and the next goes on."""
    print(database, flush=True)
    try:
        with ExitStack() as stack:
            url = stack.enter_context(running_postgres()) if database == "postgres" else ""
            found = measure(database, url, sizes, asked)
            return {"state": "measured", **found, "targets": judge(database, found, sizes)}
    except Exception as error:
        traceback.print_exc()
        return {"state": f"broke off: {type(error).__name__}: {error}"[:500]}


def measure_gain(port: int, bureau: Bureau, rounds: int) -> float:
    epoch = Caller(port, bureau.inspectors[0]).call("GET", "/api/v1/sync/pull")["epoch"]
    return batch_gain(port, bureau, epoch, rounds)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--sizes", help="stored records, smallest first; 1000,100000")
    parser.add_argument("--databases", default="sqlite,postgres")
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument(
        "--full", action="store_true", help="10000,1000000 records, and only what targets ask"
    )
    parser.add_argument("--items", type=int, default=800, help="items pushed in each cell")
    parser.add_argument("--repeats", type=int, default=3, help="how often each cell is measured")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    arguments = parser.parse_args()
    asked_sizes = arguments.sizes or ("10000,1000000" if arguments.full else "1000,100000")
    sizes = [int(size) for size in asked_sizes.split(",")]
    results = {"machine": this_machine()}
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    for database in arguments.databases.split(","):
        results[database] = measure_one(database, sizes, arguments)
        # After each database: hours of one are not lost with the other.
        arguments.output.write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    done = [each for each in arguments.databases.split(",") if results[each]["state"] == "measured"]
    for database in done:
        for name, ratio in results[database]["ratios"].items():
            print(f"{database}: {name}: {ratio}")
        for target in results[database]["targets"]:
            print(
                f"{database}: {target['target']}: {target['figure']} ({'met' if target['met'] else 'NOT met'})"
            )
    print(f"written to {arguments.output}")
    if len(done) < len(arguments.databases.split(",")):
        sys.exit("not every database was measured: see `state`")


if __name__ == "__main__":
    main()
