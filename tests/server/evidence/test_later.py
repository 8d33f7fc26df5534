"""What is started only when something lasts too long."""

import threading
import time

from server.evidence.later import Later


def test_what_lasts_too_long_is_started_and_what_is_over_before_is_not():
    later, started = Later(0.05), threading.Event()
    never: list[str] = []
    for _ in range(3):
        with later.unless_over(lambda: never.append("started")):
            pass
    with later.unless_over(started.set):
        assert started.wait(10)
    with later.unless_over(lambda: never.append("started")):
        pass
    _wait_for_quiet()
    assert never == []


def test_many_wait_in_one_thread_which_ends_when_all_are_over():
    later = Later(0.05)
    started = [threading.Event() for _ in range(20)]
    before = set(threading.enumerate())

    def last_until(event: threading.Event) -> None:
        with later.unless_over(event.set):
            assert event.wait(10)

    lasting = [threading.Thread(target=last_until, args=(event,)) for event in started]
    for thread in lasting:
        thread.start()
    assert len(set(threading.enumerate()) - before - set(lasting)) <= 1
    for thread in lasting:
        thread.join()
    assert all(event.is_set() for event in started)
    _wait_for_quiet(before)
    again = threading.Event()
    with later.unless_over(again.set):
        assert again.wait(10)  # a thread that has ended is followed by another


def _wait_for_quiet(before: set[threading.Thread] | None = None) -> None:
    deadline = time.monotonic() + 10
    while (set(threading.enumerate()) - before) if before is not None else _is_waiting():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _is_waiting() -> bool:
    return any("_run" in thread.name for thread in threading.enumerate())
