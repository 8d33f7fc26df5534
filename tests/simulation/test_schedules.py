"""The house under schedules that follow from seeds; `make simulate SEED=…` tells one of them step by step."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.simulation.running import run
from tests.simulation.swarm import FEATURES
from tests.simulation.world import World

SCHEDULES = 1900
SHARES = 6
KEPT = json.loads((Path(__file__).parent / "seeds.json").read_text())
"""Seeds that once found something: `{"seed", "shaped_by", "found"}`, the mutants whose settings they run with."""

met: Counter[str] = Counter()


@pytest.mark.parametrize("share", range(SHARES))
def test_whatever_happens_nothing_is_lost_and_everybody_sees_the_same_in_the_end(share):
    broken = {}
    for seed in range(share, SCHEDULES, SHARES):
        result = run(seed)
        met.update(result.faults)
        if result.violations:
            broken[seed] = str(result.violations[0])
    assert not broken


def test_every_kind_of_fault_was_met_often():
    expected = {
        "app updated with an outbox", "cache evicted", "database put back without the runbook", "message cut", "message dropped", "message duplicated",
        "message held back", "message lost in a partition", "partition", "phone clock jumped", "phone crash",
        "phone crash after storing", "phone crash while storing", "phone storage rolled back", "server busy",
        "server crash in a transaction", "server restarted", "server restored from a backup", "storage full",
        "token expired", "tombstone horizon raised", "view damaged",
    }  # fmt: skip
    seeds = iter(range(SCHEDULES, SCHEDULES + 3000))
    while min(met[each] for each in expected) < 5:
        met.update(run(next(seeds)).faults)
    assert set(met) - expected <= {"app updated"}


def test_seeds_that_once_found_something_find_nothing_now():
    assert len(KEPT) >= 8
    broken = {kept["found"]: run(kept["seed"], shaped_by=kept["shaped_by"]).violations for kept in KEPT}
    assert not any(broken.values()), broken


def told(seed):
    lines = []
    world = World(seed, journal=lambda *line: lines.append(line))
    world.run()
    return lines


def test_one_seed_is_one_schedule_word_for_word():
    assert told(7) == told(7)
    assert told(7) != told(8)


def test_neither_clock_nor_the_order_of_sets_decides_anything():
    command = [sys.executable, "-m", "tests.simulation", "--seed", "21"]
    ran = [
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONHASHSEED": seed})
        for seed in ("1", "2")
    ]
    assert ran[0].stdout == ran[1].stdout
    assert b"all invariants hold" in ran[0].stdout


def test_a_schedule_that_is_told_is_the_one_that_ran():
    world = World(11, journal=lambda *_: None)
    assert world.run() == run(11)


def test_a_seed_leaves_some_features_out_and_switches_each_on_sometimes():
    drawn = [set(World(seed).swarm.rates) for seed in range(40)]
    assert set.union(*drawn) == set(FEATURES)
    assert all(len(rates) < len(FEATURES) for rates in drawn)
