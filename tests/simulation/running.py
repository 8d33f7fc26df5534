"""Running schedules, clean ones and those with seeded bugs."""

from collections.abc import Collection

from tests.simulation.world import Result, World


def run(seed: int, mutants: Collection[str] = (), *, shaped_by: Collection[str] = ()) -> Result:
    """Run one schedule, with bugs, or with the settings of such (`shaped_by`) and without them."""
    return World(seed, mutants, shaped_by=shaped_by).run()


def kill(mutant: str, first: int, most: int) -> int | None:
    """Run schedules with a bug; give how many it took until one was broken that holds without the bug."""
    for count in range(1, most + 1):
        seed = first + count - 1
        if run(seed, (mutant,)).violations and not run(seed, shaped_by=(mutant,)).violations:
            return count
    return None
