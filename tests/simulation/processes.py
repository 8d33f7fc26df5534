"""L2: real server processes over one database, killed several times a second, and phones that go on working.

    python -m tests.simulation.processes --seconds N [--each N] --database sqlite|postgres [--seed S] [--json FILE] [--mutant NAME]

A long time is soaked in many short pieces, each with a bureau and servers of its own: what goes wrong goes wrong most
of all when everything is new. What threads and processes do is not in the hands of a seed: it only says what is tried.
"""

import argparse
import json
import random
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.conftest import Database, postgres_database, sqlite_database
from tests.postgres import Cluster, running_cluster
from tests.server.evidence.serving import environment_of
from tests.simulation.handlers import workshop
from tests.simulation.handlers_bureau import Timepiece, prepare
from tests.simulation.handlers_phone import Pocket
from tests.simulation.processes_servers import Servers
from tests.simulation.processes_soak import BUSY, Soak
from tests.simulation.processes_wire import Letter, LineBroken, carry

PHONES = 6
SERVERS: Mapping[str, int] = {"sqlite": 2, "postgres": 3}


class WiredPocket(Pocket):
    """A phone whose own calls, as to sign in, go over the wire, once there are servers."""

    servers: Servers | None = None

    def call(self, method: str, path: str, **options: Any) -> Any:
        if self.servers is None:
            return super().call(method, path, **options)
        dice = random.Random()
        for _ in range(50):
            with suppress(LineBroken):
                answer = carry(Letter.of(method, path, self.token, options), self.servers.any(dice), dice)
                if answer.status_code not in BUSY:
                    return answer
            time.sleep(0.1)
        raise LineBroken("nobody answers")


@contextmanager
def soaking(
    database: Database, seed: int, cluster: Cluster | None = None, mutant: str = ""
) -> Iterator[Soak]:
    """A bureau with servers under way, ready to be soaked."""
    with workshop() as folder:
        bureau = prepare(database, folder, Timepiece(datetime.now(UTC)), PHONES, WiredPocket)
        bureau.copies.close()
        environment = environment_of(bureau.app.settings, 0) | {"MERESTONE_SIMULATION_MUTANT": mutant}
        servers = Servers(environment, SERVERS[database.name], folder / "servers.log")
        try:
            for phone in bureau.phones:
                vars(phone)["servers"] = servers
            yield Soak(bureau, servers, seed, cluster)
        finally:
            servers.close()
            bureau.app.close()


def soak(
    database: Database, seconds: float, seed: int = 1, cluster: Cluster | None = None, mutant: str = ""
) -> dict[str, Any]:
    """Soak a database for so long, and report."""
    with soaking(database, seed, cluster, mutant) as soaked:
        started = time.monotonic()
        broken = soaked.run(seconds)
        return {
            "layer": "L2",
            "database": database.name,
            "seed": seed,
            "operations": soaked.operations,
            "seconds": round(time.monotonic() - started, 1),
            "sealed": sum(len(phone.state.ops) for phone in soaked.bureau.phones),
            "replayed": sum(answer["replayed"] for answer in soaked.answers),
            "faults": dict(sorted(soaked.faults.items())),
            "violations": [{"seed": seed, "what": each} for each in broken],
        } | ({"log": telling_part(soaked.servers.log.read_text())} if broken else {})


def telling_part(log: str) -> str:
    """Give what the servers said of the last requests that failed (500); where none did, how their log ends."""
    failed = [line for line in log.splitlines() if '"message": "failed"' in line]
    return "\n".join(failed[-3:])[-20_000:] or log[-5000:]


def soak_in_pieces(
    database: Database, seconds: float, each: float, seed: int, cluster: Cluster | None, mutant: str
) -> dict[str, Any]:
    """Soak for so long altogether, with the next seed after each piece; the reports of all as one."""
    reports: list[dict[str, Any]] = []
    while (left := seconds - len(reports) * each) > 0:
        reports.append(soak(database, min(each, left), seed + len(reports), cluster, mutant))
    faults: Counter[str] = sum((Counter(report["faults"]) for report in reports), Counter())
    sums = {
        name: round(sum(report[name] for report in reports), 1)
        for name in ("operations", "seconds", "sealed", "replayed")
    }
    logs = [report["log"] for report in reports if "log" in report]
    return {
        **{name: reports[0][name] for name in ("layer", "database", "seed")},
        "pieces": len(reports),
        **sums,
        "faults": dict(sorted(faults.items())),
        "violations": [each for report in reports for each in report["violations"]],
    } | ({"log": logs[0]} if logs else {})


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--each", type=float, default=15, help="seconds of a piece")
    parser.add_argument("--database", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--mutant", default="", help="a bug of tests.simulation.handlers_mutants to put in")
    given = parser.parse_args()
    with ExitStack() as stack:
        if given.database == "sqlite":
            cluster, database = None, sqlite_database(stack.enter_context(workshop()))
        else:
            cluster = stack.enter_context(running_cluster())
            database = postgres_database(cluster.url)
        report = soak_in_pieces(database, given.seconds, given.each, given.seed, cluster, given.mutant)
    text = json.dumps(report, ensure_ascii=False, indent=2)
    if given.json:
        given.json.write_text(text + "\n")
    print(text)
    return 1 if report["violations"] else 0


if __name__ == "__main__":
    sys.exit(main())
