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
from tests.bench.targets import judge
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
