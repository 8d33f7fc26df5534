"""The page of reliability says what its run's own JSON says."""

import json

from tests.simulation.report import KEPT, PAGE, render

REPORT = json.loads(KEPT.read_text())


def test_the_page_is_the_one_that_is_made_from_the_kept_json():
    assert PAGE.read_text() == render(REPORT)


def test_the_page_hides_no_violation_no_surviving_bug_and_nothing_that_did_not_run():
    violation = {"seed": 4711, "violation": "I6: sha256:00 of phone1 never came"}
    bug = {"what": "something is forgotten", "killed_after": [3, None]}
    page = render(
        REPORT
        | {
            "model": REPORT["model"] | {"violations": [violation]},
            "mutants": {"most": 9, "seconds": 1, "found": {"forgetful": bug, "quick": bug | {"killed_after": [1, 1]}}},
            "layers": [
                {"layer": "L1", "database": "sqlite", "absent": "it ended with 1"},
                {"layer": "L2", "database": "sqlite", "operations": 3, "pieces": 2, "seconds": 60, "faults": {}, "violations": []},
                {"layer": "L2", "database": "postgres", "operations": 12345, "seconds": 600, "faults": {"kill": 7},
                 "violations": ["two effects"]},
            ],
        }
    )  # fmt: skip
    for told in (
        ", 1 violations",
        "| 4711 | I6: sha256:00 of phone1 never came |",
        "**1 of 2** found",
        "| `forgetful` | something is forgotten | 3, – |",
        "| L1 | sqlite | not run: it ended with 1 |",
        "| L2 | sqlite | 3 operations in 2 pieces |",
        "| L2 | postgres | 12,345 operations | 10 min | kill 7 | 1 |",
    ):
        assert told in page
    assert "rule of three" not in page
