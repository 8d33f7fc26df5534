"""`make simulate`: a handful of schedules, or one of them step by step (`SEED=…`)."""

import argparse
import re
import sys
import time
from collections import Counter

from tests.simulation.mutants import MUTANTS
from tests.simulation.world import World

UUIDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


def replay(seed: int, mutants: list[str]) -> int:
    """Tell one schedule step by step; return how many invariants it broke."""
    world: World | None = None

    def journal(step: int, who: str, what: str) -> None:
        names = world.names if world is not None else {}
        print(f"{step:4}  {who:8}  {UUIDS.sub(lambda found: names.get(found[0], found[0]), what)}")

    world = World(seed, mutants, journal=journal)
    result = world.run()
    print(f"\nseed {seed}: {result.steps} steps, {sum(result.faults.values())} faults")
    for name, count in sorted((result.did + result.faults).items()):
        print(f"  {count:4}  {name}")
    for violation in result.violations:
        print(f"\nVIOLATION {violation}")
    if not result.violations:
        print("\nall invariants hold")
    return len(result.violations)


def handful(first: int, count: int, mutants: list[str]) -> int:
    """Run schedules one after the other; return how many were broken."""
    begun, broken, faults, steps = time.monotonic(), 0, Counter[str](), 0
    for seed in range(first, first + count):
        result = World(seed, mutants).run()
        faults += result.faults
        steps += result.steps
        for violation in result.violations:
            broken += 1
            print(f"seed {seed}: {violation}")
    taken = time.monotonic() - begun
    print(
        f"{count} schedules, {steps} steps, {sum(faults.values())} faults in {taken:.1f} s: {broken} broken"
    )
    return broken


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="tell this schedule step by step")
    parser.add_argument("--first", type=int, default=0, help="the first seed of a handful")
    parser.add_argument("--schedules", type=int, default=200, help="how many are a handful")
    parser.add_argument(
        "--mutant", action="append", default=[], choices=sorted(MUTANTS), help="with this bug"
    )
    given = parser.parse_args()
    if given.seed is not None:
        return min(replay(given.seed, given.mutant), 1)
    return min(handful(given.first, given.schedules, given.mutant), 1)


if __name__ == "__main__":
    sys.exit(main())
