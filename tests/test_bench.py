"""The benches start: what nobody runs every day breaks unseen."""

import runpy
import sys
import threading
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from uuid import uuid4

import pytest
from sqlalchemy import text

from server.db import open_engine
from tests.bench.bulk import filling
from tests.bench.bureau import Inspector
from tests.bench.targets import judge, judge_submissions
from tests.bench.telling import keep, page_of
from tests.bench.traffic import Caller


@pytest.mark.filterwarnings("ignore:.*found in sys.modules:RuntimeWarning")  # each is run as if it were alone
@pytest.mark.parametrize(
    "module",
    ["tests.bench", "tests.bench.forms", "tests.bench.uploads", "tests.bench.slow", "tests.bench.openrosa"],
)
def test_a_bench_can_be_asked_what_it_does(module, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", [module, "--help"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module(module, run_name="__main__")
    assert ended.value.code == 0
    assert "--rounds" in capsys.readouterr().out


@pytest.mark.parametrize(("nothing_new", "met"), [(0.9, True), (1.3, False)])
def test_a_target_is_told_as_met_only_when_its_figure_is(nothing_new, met):
    pull = {
        "nothing_new_minimal_server_ms_p50": nothing_new,
        "nothing_new_minimal_pace_ms": 6.4,
        "three_days_pace_ms": 9.1,
        "three_days_items": 45,
        "three_days_changes": 150_000,
        "three_days_server_ms_p50": 6.0,
        "nothing_new_minimal_bytes": 374,
    }
    small = pull | {"nothing_new_minimal_server_ms_p50": 0.8}
    push = [
        {"clients": 8, "batch": 20, "days_work": 1.0, "items_per_second": 1200.0, "pace_ms": 7.0},
        {"clients": 8, "batch": 20, "days_work": 0.0, "items_per_second": 900.0, "pace_ms": 7.0},
        {"clients": 1, "batch": 20, "days_work": 0.0, "items_per_second": 300.0, "pace_ms": 7.0},
    ]
    found = {"pull": {"10": small, "1000": pull}, "push": {"1000": push}}

    told = [each["met"] for each in judge("postgres", found, [10, 1000]) if each["target"].startswith("push")]
    assert told == [True, False]
    assert [each["pace_ms"] for each in judge("postgres", found, [10, 1000])] == [
        6.4,
        None,
        9.1,
        None,
        7.0,
        7.0,
    ]
    assert [each["met"] for each in judge("sqlite", found, [10, 1000])] == [
        met,
        nothing_new < 1.04,
        False,
        True,
    ]


SUBMISSIONS = {
    "news": {size: {"requests": 14, "look_ms_p50": 40.0, "cpu_ms_per_look": 36.0} for size in ("10", "1000")},
    "burst": {"1000": {"phones": 9, "taken": 9, "at_the_first_try": 7, "last_taken_after_s": 1.5, "lost": 0}},
    "ratios": {
        "xml, 32 phones, 1000 to 10 stored": 1.25,
        "xml and 3 photos, 32 phones, 1000 to 10 stored": 1.0,
    },
}


def submissions(per_second, costs):
    """Figures of submissions with 32 phones, as `tests.bench.openrosa` writes them."""
    cell = {
        "clients": 32.0,
        "submissions_per_second": per_second,
        "cpu_seconds_per_1000": costs,
        "pace_ms": 4.3,
        "memory_mb": 900.0,
        "p50_ms": 80.0,
        "p95_ms": 140.0,
        "p99_ms": 159.0,
    }
    cells = {"10": [cell], "1000": [cell | {"submissions_per_second": per_second / 1.25}]}
    return SUBMISSIONS | {"xml": cells, "xml and 3 photos": cells}


@pytest.mark.parametrize(
    ("cores", "per_second", "costs", "met"),
    [
        (2, 300.0, 6.5, [True, False, True, True, True, True, False]),
        (2, 160.0, 14.5, [False, False, False, True, False, False, False]),
        (4, 300.0, 6.5, [False, False, True, True, True, True, False]),
    ],
)
def test_submissions_are_judged_by_what_the_peer_can_take_on_these_cores_and_by_what_it_took(
    cores, per_second, costs, met
):
    assert [
        each["met"] for each in judge_submissions(submissions(per_second, costs), [10, 1000], cores)
    ] == met


def test_submissions_are_told_in_the_page_with_what_they_were_asked():
    found = submissions(300.0, 6.5)
    found["targets"] = judge_submissions(found, [10, 1000], 2)
    kept = {}
    keep(kept, {"machine": {"commit": "abc", "day": "d", "cores": 2, "python": "3"}, "postgres": found})

    page = page_of(kept)
    assert "| xml, 32 phones | 300.0 | 80 / 140 / 159 | 6.5 | 240.0 | 6.5 | 1.25 | 4.3, 4.3 |" in page
    assert "at least 1.5 x 182, Central with 2 cores to itself | 300.0 | yes | 4.3 |" in page
    assert "9 taken, 7 at the first try, the last after 1.5 s; 0 lost" in page


def test_what_a_bench_fills_in_stays_there(database, tmp_path):
    engine = open_engine(database.fresh_url(tmp_path), pool_size=1)
    with filling(engine) as bulk:
        bulk.add("region", "code, name", ("140522", "阳城县"))
    with engine.connect() as connection:
        assert connection.execute(text("select name from region")).scalars().all() == ["阳城县"]
    engine.dispose()


def test_a_push_that_is_told_to_wait_is_sent_again_after_as_long():
    replies, bodies = [503, 429, 200], []

    class Hurried(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(replies.pop(0))
            self.send_header("Retry-After", "0.01")
            self.send_header("Server-Timing", "app;dur=1.0, cpu;dur=0.5")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_about: object) -> None:
            """Nothing of it is of interest."""

    with HTTPServer(("127.0.0.1", 0), Hurried) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        caller, waits = Caller(server.server_port, Inspector(uuid4(), "", uuid4(), None, ())), []
        with closing(caller.connection):
            answer = caller.patiently("/api/v1/sync/push", b"{}", waits)
        server.shutdown()
        thread.join()
    assert (bodies, waits, answer.server) == ([b"{}"] * 3, [0.01, 0.01], 1.0)
