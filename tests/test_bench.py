"""The benches start: what nobody runs every day breaks unseen."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module", ["tests.bench", "tests.bench.forms", "tests.bench.uploads", "tests.bench.slow"]
)
def test_a_bench_can_be_asked_what_it_does(module):
    told = subprocess.run(
        [sys.executable, "-m", module, "--help"], capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    assert "--rounds" in told.stdout
