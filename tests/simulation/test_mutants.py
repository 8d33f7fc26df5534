"""Bugs that are put in on purpose are found, or the simulator proves nothing."""

import pytest

from tests.simulation.mutants import MUTANTS
from tests.simulation.running import kill, run

RARE = {
    "late_acknowledgement", "late_reset_overwrites_duty", "eviction_overwrites_duty", "files_believed",
    "content_ignored", "horizon_ignored", "purged_at_once", "held_not_offered", "unreadable_dropped",
    "last_writer_wins", "second_head_hidden", "repair_deletes_busy_work", "answered_before_commit",
    "trace_ignored", "push_locks_no_record",
}  # fmt: skip
"""Those that take long to die are killed in `make simulate-long`."""
QUICK = sorted(set(MUTANTS) - RARE)


@pytest.mark.parametrize("name", QUICK)
def test_a_seeded_bug_is_found_within_a_few_dozen_schedules(name):
    assert kill(name, 0, 60) is not None


def test_there_are_as_many_seeded_bugs_as_promised():
    assert len(MUTANTS) >= 25
    assert len(QUICK) >= 20
    assert set(MUTANTS) >= RARE


def test_the_settings_of_a_mutant_alone_break_nothing():
    for name in sorted(RARE):
        assert run(3, shaped_by=(name,)).violations == []
