"""`make simulate-long`: a night of schedules, every seeded bug, real handlers and real processes; writes one JSON.

    python -m tests.simulation.long [--schedules N] [--first SEED] [--processes N] [--only model] [--output FILE]

What was not run is named in the JSON as absent, never as passed.
"""

import argparse
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from itertools import islice, product, repeat
from pathlib import Path
from typing import Any

from tests.simulation.mutants import MUTANTS
from tests.simulation.running import kill, run

OUTPUT = Path("bench-results/reliability.json")
SCHEDULES = 100_000
MUTANT_SEEDS = (1_000_000, 2_000_000, 3_000_000)
MUTANT_MOST = 20_000
CHUNK = 50
LAYERS = {
    "L1": ("tests.simulation.handlers", "--examples", 2_000),
    "L2": ("tests.simulation.processes", "--seconds", 600),
}
DATABASES = ("sqlite", "postgres")


def model_share(seeds: tuple[int, int]) -> dict[str, Any]:
    """Run the schedules of some seeds; give what there was of everything."""
    faults, did, steps, violations = Counter[str](), Counter[str](), 0, []
    for seed in range(*seeds):
        result = run(seed)
        faults += result.faults
        did += result.did
        steps += result.steps
        violations += [{"seed": seed, "violation": str(each)} for each in result.violations]
    return {"faults": faults, "did": did, "steps": steps, "violations": violations}


def mutant_share(name: str, runs: int) -> tuple[str, list[int | None]]:
    """Tell how many schedules each run with a seeded bug took until it was found."""
    return name, [kill(name, first, MUTANT_MOST) for first in MUTANT_SEEDS[:runs]]


def run_model(pool: ProcessPoolExecutor, first: int, schedules: int, seconds: float) -> dict[str, Any]:
    """Run schedules until there are enough, or the time is over."""
    begun = time.monotonic()
    faults, did, steps, violations, ran = Counter[str](), Counter[str](), 0, [], 0
    ends = first + schedules
    shares: Iterator[tuple[int, int]] = iter(
        [(low, min(low + CHUNK, ends)) for low in range(first, ends, CHUNK)]
    )
    width = pool._max_workers
    while time.monotonic() - begun < seconds:
        batch = list(islice(shares, width * 4))
        if not batch:
            break
        for share, (low, high) in zip(pool.map(model_share, batch), batch, strict=True):
            ran += high - low
            faults += share["faults"]
            did += share["did"]
            steps += share["steps"]
            violations += share["violations"]
            for found in share["violations"]:
                print(f"seed {found['seed']}: {found['violation']}", flush=True)
        print(f"{ran} schedules, {len(violations)} violations, {time.monotonic() - begun:.0f} s", flush=True)
    return {
        "schedules": ran,
        "wanted": schedules,
        "first_seed": first,
        "steps": steps,
        "seconds": round(time.monotonic() - begun, 1),
        "faults": dict(sorted(faults.items())),
        "did": dict(sorted(did.items())),
        "violations": violations,
    }


def run_mutants(pool: ProcessPoolExecutor, runs: int) -> dict[str, Any]:
    """Kill every seeded bug, each as often as `runs`."""
    begun = time.monotonic()
    found = {}
    for name, killed in pool.map(mutant_share, sorted(MUTANTS), repeat(runs)):
        found[name] = {"what": MUTANTS[name].what, "killed_after": killed}
        print(f"{name}: {killed}", flush=True)
    return {"seconds": round(time.monotonic() - begun, 1), "most": MUTANT_MOST, "found": found}


def run_layer(layer: str, database: str, amount: int) -> dict[str, Any]:
    """Run a layer that has a program of its own; what it wrote, or why there is nothing."""
    module, option, _ = LAYERS[layer]
    if importlib.util.find_spec(module) is None:
        return {"layer": layer, "database": database, "absent": f"there is no {module}"}
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "layer.json"
        command = [sys.executable, "-m", module, option, str(amount), "--database", database]
        ended = subprocess.run([*command, "--json", str(output)], check=False)
        if not output.exists():
            return {"layer": layer, "database": database, "absent": f"it ended with {ended.returncode}"}
        return {"commit": commit(), **json.loads(output.read_text())}


def commit() -> str:
    """Name the commit that ran, and whether anything was changed beside it."""
    git = ["git", "describe", "--always", "--abbrev=12", "--dirty"]
    return subprocess.run(git, check=True, capture_output=True, text=True).stdout.strip()


def begun(given: argparse.Namespace) -> dict[str, Any]:
    """Begin a report, or take up the one that a run of the same commit left."""
    ran = commit()
    if given.resume and given.output.exists():
        report = json.loads(given.output.read_text())
        if report["commit"] == ran:
            return report
    return {
        "commit": ran,
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": 0.0,
        "processes": given.processes,
        "processors": os.cpu_count(),
    }


def part(report: dict[str, Any], given: argparse.Namespace, name: str, does: Callable[[], Any]) -> Any:
    """Give a part of the report: what is there of it, or what it does now."""
    if name not in report:
        report[name] = does()
        keep(report, given)
    return report[name]


def keep(report: dict[str, Any], given: argparse.Namespace) -> None:
    """Write what there is so far: hours of work do not hang on the last minute."""
    layers = report.get("layers", [])
    parts = [report.get("model", {}), report.get("mutants", {}), *layers]
    report["seconds"] = round(sum(each.get("seconds", 0.0) for each in parts), 1)
    given.output.parent.mkdir(parents=True, exist_ok=True)
    given.output.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.long", description=__doc__)
    parser.add_argument("--schedules", type=int, default=SCHEDULES)
    parser.add_argument("--first", type=int, default=10_000_000, help="the first seed")
    parser.add_argument("--seconds", type=float, default=24 * 3600.0, help="when to stop adding schedules")
    parser.add_argument(
        "--mutant-runs", type=int, default=len(MUTANT_SEEDS), help="how often each bug is hunted"
    )
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--only", choices=("model",), help="leave L1 and L2 out")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument(
        "--resume", action="store_true", help="keep the parts that a run of this commit wrote"
    )
    given = parser.parse_args()
    report = begun(given)
    with ProcessPoolExecutor(given.processes) as pool:
        model = part(
            report, given, "model", lambda: run_model(pool, given.first, given.schedules, given.seconds)
        )
        mutants = part(report, given, "mutants", lambda: run_mutants(pool, given.mutant_runs))
    layers = report.setdefault("layers", [])
    for layer, database in list(product(LAYERS, DATABASES))[len(layers) :]:
        left_out = {"layer": layer, "database": database, "absent": "left out of this run"}
        layers.append(left_out if given.only else run_layer(layer, database, LAYERS[layer][2]))
        keep(report, given)
    alive = [name for name, each in mutants["found"].items() if None in each["killed_after"]]
    failed = [layer for layer in layers if "absent" in layer and not given.only]
    broken = failed or model["violations"] or any(layer.get("violations") for layer in layers)
    print(f"written to {given.output}; not always killed: {', '.join(alive) or 'none'}")
    return int(bool(broken or alive))


if __name__ == "__main__":
    sys.exit(main())
