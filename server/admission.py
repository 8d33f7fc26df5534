"""Who is let in when everybody comes at once.

What a phone brings may be the only copy of a day's work; what it wants to read is still there tomorrow. So reading is
refused while threads are left for pushes, and pushes only by a database that is gone. Nothing here outlives its
process: a crash leaves no phone locked out.
"""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from threading import Condition, Lock
from time import monotonic
from typing import Final

from server import clock
from server.problems import Busy, CredentialsLocked, PublicTooOften, SyncInFlight

#: Seconds for which a phone's next request waits for the one before it, and then goes on all the same.
PATIENCE: Final = 10.0
#: Requests of one phone that wait behind the one that is answered; a further one takes the place of the oldest.
MOST_WAITING: Final = 3
#: Seconds within which those come back who were refused.
SOON: Final = 4
LATER: Final = 20
_LONG: Final = 6  # the version of addresses of which one household has many


def again_within(seconds: int) -> str:
    """Say when to come again (`Retry-After`): at any of the next seconds, so that not all come back together."""
    return str(random.randint(1, seconds))  # noqa: S311 - nobody gains by guessing it


class Admission:
    """Counts the requests inside a process, and keeps a quarter of its threads for those that bring something."""

    def __init__(self, threads: int) -> None:
        self._room_to_read = max(1, threads - max(1, threads // 4))
        self._lock = Lock()
        self._inside = 0

    @property
    def requests(self) -> int:
        """How many requests are being answered."""
        return self._inside

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Count a request as long as it is answered."""
        with self._lock:
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1

    def admit_reading(self) -> None:
        """Let a request in that only reads and is counted already. Raises Busy when threads are scarce."""
        if self._inside > self._room_to_read:
            raise Busy().with_headers(Retry_After=again_within(LATER))


class Throttle:
    """Lets strangers ask so often a minute from one address; 0: as often as they like.

    Counted in whole minutes of this process: nothing is remembered of whoever asked, and the count of an address is
    forgotten with its minute.
    """

    def __init__(self, a_minute: int) -> None:
        self._a_minute = a_minute
        self._lock = Lock()
        self._minute = 0
        self._asked: dict[str, int] = {}

    def admit(self, address: str) -> None:
        """Count one request. Raises PublicTooOften when the address has had its number."""
        minute, second = divmod(int(monotonic()), 60)
        with self._lock:
            if minute != self._minute:
                self._minute, self._asked = minute, {}
            asked = self._asked[address] = self._asked.get(address, 0) + 1
        if 0 < self._a_minute < asked:
            raise PublicTooOften().with_headers(Retry_After=str(60 - second))


class Tries:
    """Pauses a name for one source after so many wrong passwords from it, and for nobody else.

    Strangers who guess lock nobody out: whoever it belongs to signs in from where they are. A source is an address, of IPv6
    the network that one household has. It is counted before the password is compared, so that many at once count, too.
    """

    def __init__(self, attempts: int, pause: timedelta) -> None:
        self._attempts, self._pause = attempts, pause
        self._lock = Lock()
        self._tried: dict[tuple[str, str], tuple[int, datetime]] = {}

    def begin(self, name: str, address: str) -> None:
        """Count a try. Raises CredentialsLocked while there were too many."""
        pair, now = (name, _source(address)), clock.now()
        with self._lock:
            while self._tried and next(iter(self._tried.values()))[1] <= now:
                del self._tried[next(iter(self._tried))]
            tried, until = self._tried.get(pair, (0, now))
            if tried < self._attempts:
                # Behind all others: what is forgotten first stands first.
                self._tried.pop(pair, None)
                self._tried[pair] = (tried + 1, now + self._pause)
                return
        seconds = int((until - now).total_seconds()) + 1
        raise CredentialsLocked().with_headers(Retry_After=str(seconds))

    def succeeded(self, name: str, address: str) -> None:
        """Forget the tries that came before a right one."""
        with self._lock:
            self._tried.pop((name, _source(address)), None)


def _source(address: str) -> str:
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((address, 64), strict=False)) if found.version == _LONG else address


class Turns:
    """Lets each phone have one push and one pull answered at a time.

    The next one waits. It may be the retry of one whose line died, so the newest is never refused: where too many
    wait, the oldest makes room, whose phone has most likely hung up. After `PATIENCE` a request goes on beside the
    one before it, which harms nothing: the push ledger is what keeps effects single.
    """

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._changed = Condition()
        self._lines: dict[str, list[object]] = {}

    @contextmanager
    def of(self, phone: str) -> Iterator[None]:
        """Wait for the turn of a phone's request, and have it. Raises SyncInFlight for one that made room."""
        ticket = object()
        with self._changed:
            line = self._lines.setdefault(phone, [])
            line.append(ticket)
            if len(line) > 1 + MOST_WAITING:
                del line[1]
                self._changed.notify_all()
            if line[0] is not ticket:
                self._changed.wait_for(lambda: line[0] is ticket or ticket not in line, self._patience)
            if ticket not in line:
                raise SyncInFlight().with_headers(Retry_After=again_within(SOON))
        try:
            yield
        finally:
            self._leave(phone, line, ticket)

    def requests_of(self, phone: str) -> int:
        """How many requests of a phone are being answered or wait for it."""
        with self._changed:
            return len(self._lines.get(phone, ()))

    def _leave(self, phone: str, line: list[object], ticket: object) -> None:
        with self._changed:
            if ticket in line:
                line.remove(ticket)
            if not line:
                self._lines.pop(phone, None)
            self._changed.notify_all()
