"""What is to be done after a while unless it is over by then: one thread of the process waits for all of it.

A thread of its own costs more than hashing and storing a photo, and nearly every photo is stored before its
lease has to be lengthened.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Later:
    """Starts what is not over after `seconds`. Its thread ends when there is nothing left to wait for."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._waiting: dict[object, tuple[float, Callable[[], None]]] = {}  # in the order of their moments
        self._thread: threading.Thread | None = None

    @contextmanager
    def unless_over(self, start: Callable[[], None]) -> Iterator[None]:
        """Call `start`, which must be quick and not raise, if the block lasts longer; never after its end."""
        key = object()
        with self._lock:
            self._waiting[key] = time.monotonic() + self._seconds, start
            if self._thread is None or not self._thread.is_alive():  # also after a fork
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._waiting.pop(key, None)

    def _run(self) -> None:
        while True:
            with self._lock:
                now = time.monotonic()
                for key, (at, start) in list(self._waiting.items()):
                    if at > now:
                        break
                    del self._waiting[key]
                    start()
                if not self._waiting:
                    self._thread = None
                    return
                first = next(iter(self._waiting.values()))[0]
            time.sleep(max(0.0, first - now))
