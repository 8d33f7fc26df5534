"""A hash that is put down in one process and taken up in another."""

import hashlib
import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media import running_hash
from media.running_hash import RunningHash


def test_this_machine_can_carry_a_hash():
    assert running_hash.CARRIES


@given(st.binary(max_size=400), st.lists(st.integers(0, 400), max_size=6))
def test_a_hash_put_down_anywhere_and_taken_up_again_is_that_of_hashlib(content, cuts):
    running = RunningHash()
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(content)], strict=True):
        running.update(content[start:end])
        assert running.hexdigest() == hashlib.sha256(content[: max(end, running.size)]).hexdigest()
        running = RunningHash.resume(json.loads(json.dumps(running.note())), running.size)
    assert running.hexdigest() == hashlib.sha256(content).hexdigest()


def test_a_hash_is_taken_up_in_another_process():
    running = RunningHash()
    running.update(b"x" * 100_001)
    program = (
        "import json, sys; from media.running_hash import RunningHash;"
        "h = RunningHash.resume(json.loads(sys.argv[1]), 100_001); h.update(b'y' * 99_999); print(h.hexdigest())"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(running.note())],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.strip() == hashlib.sha256(b"x" * 100_001 + b"y" * 99_999).hexdigest()


def test_a_file_whose_bits_are_more_than_a_word_can_count_is_carried_right():
    piece = bytearray(range(256)) * 4096
    running, plain = RunningHash(), hashlib.sha256()
    for _ in range(512):  # 2**32 bits
        running.update(piece)
        plain.update(piece)
    running = RunningHash.resume(running.note(), running.size)
    running.update(b"and one more")
    plain.update(b"and one more")
    assert running.hexdigest() == plain.hexdigest()


@pytest.mark.parametrize(
    "spoilt",
    [
        None,
        {},
        {"words": "00" * 32},
        {"words": "00" * 31, "rest": "00"},
        {"words": "zz" * 32, "rest": "00"},
        {"words": "00" * 32, "rest": "0000"},
        {"words": 7, "rest": "00"},
    ],
)
def test_a_note_that_does_not_fit_is_no_hash(spoilt):
    assert RunningHash.resume(spoilt, 65) is None


def test_where_a_hash_can_not_be_carried_it_is_still_right(monkeypatch):
    monkeypatch.setattr(running_hash, "CARRIES", False)
    running = RunningHash()
    running.update(b"abc")
    running.update(bytearray(b"def"))
    assert running.hexdigest() == hashlib.sha256(b"abcdef").hexdigest()
    assert running.note() is None
    assert RunningHash.resume(running.note(), 6) is None
    assert RunningHash.resume(None, 0).hexdigest() == hashlib.sha256(b"").hexdigest()


def test_a_library_that_answers_something_else_is_not_believed(monkeypatch):
    class Wrong:
        def __init__(self, library):
            self._library = library

        def __getattr__(self, name):
            if name == "SHA256_Update":
                return lambda *_: 1  # takes nothing in
            return getattr(self._library, name)

    monkeypatch.setattr(running_hash, "_library", Wrong(running_hash._library))
    assert not running_hash._tells_the_truth()
