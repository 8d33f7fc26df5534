"""Two lanes behind one port: media in processes of its own, everything else in others.

A slow phone holds a thread for as long as it sends. In a lane of their own two hundred of them can't keep a pull
waiting: they share no threads, no interpreter lock and no connections to the database with it. One arbiter
of gunicorn runs the processes of both lanes. Only the lane of requests listens; it looks at the first line of a
request without taking it, and hands a connection that belongs to the other lane over as it is (`SCM_RIGHTS`).
A connection that later carries a request of the other kind is handed back.

All that is known of the insides of gunicorn's threads is here; what is known of its bodies is in
`server/evidence/arriving.py`.
"""

import errno
import os
import socket
import time
from collections.abc import Collection, Mapping
from contextlib import suppress
from enum import StrEnum
from multiprocessing.sharedctypes import RawArray
from typing import Any, Final

from gunicorn.workers.gthread import _DEFER, DEFAULT_WORKER_DATA_TIMEOUT, TConn, ThreadWorker

from server.admission import SOON, again_within
from server.evidence.arriving import stop_receiving
from server.logs import Seldom
from server.nudges import stop_nudging
from server.openrosa.writing import CONTENT_TYPE, write_response
from server.problems import Busy

#: Where the slow requests go: uploads, reading files back, packs of maps, and streams that stay open.
SLOW: Final = (b"/api/v1/media", b"/api/v1/maps/packs", b"/api/v1/sync/events")
_STOCK: Final = b"/openrosa/"
#: And what stock ODK phones send, with the question that they ask before: what they read is quick.
SENDING: Final = (b"POST " + _STOCK, b"HEAD " + _STOCK)
#: How long a connection that is handed over waits for a place in the other lane's queue.
_PATIENCE: Final = 1.0
#: Seconds that a process that has more connections than another leaves a new one to that.
_COURTESY: Final = 0.0005
#: Seconds between two lines of the log about connections that found none: when everybody comes at once there are hundreds.
_SELDOM: Final = 10.0
_LONGEST_METHOD: Final = len(b"OPTIONS ")
_BUSY: Final = b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: %b\r\nConnection: close\r\n%b"
_WITHOUT_WORDS: Final = b"Content-Length: 0\r\n\r\n"
#: To stock ODK phones, which show it to the inspector.
_WORDS: Final = write_response("。".join((Busy.title[0], Busy.advice[0])), "submit_failure")
_IN_WORDS: Final = (
    f"X-OpenRosa-Version: 1.0\r\nContent-Type: {CONTENT_TYPE}\r\nContent-Length: {len(_WORDS)}\r\n\r\n".encode()
    + _WORDS
)
#: Connections that are gone before they are taken, or that another process of the lane has taken.
_NOTHING_TO_TAKE: Final = frozenset(
    {errno.EAGAIN, errno.EWOULDBLOCK, errno.ECONNABORTED, errno.ENOTCONN, errno.EINVAL}
)


class Lane(StrEnum):
    """What a web process answers."""

    REQUESTS = "requests"
    MEDIA = "media"


class Lanes:
    """How many processes and threads each lane has, and the queues in which connections change lanes.

    Made before the first process, so that all of them inherit the queues. `affinity`: each process keeps to its share of
    the processors.
    """

    def __init__(
        self, processes: dict[Lane, int], threads: dict[Lane, int], *, affinity: bool = False
    ) -> None:
        self.processes, self.threads, self.affinity = processes, threads, affinity
        #: By lane: how many connections each of its processes has.
        self.held = {lane: RawArray("i", count) for lane, count in processes.items()}
        self._queues: dict[Lane, tuple[socket.socket, socket.socket]] = {}
        if len(processes) == len(Lane):
            self._queues = {lane: socket.socketpair() for lane in Lane}
        for inbox, outbox in self._queues.values():
            inbox.setblocking(False)
            outbox.settimeout(_PATIENCE)

    def inbox(self, lane: Lane) -> socket.socket | None:
        """The queue in which a lane is given connections; None when it has no neighbour."""
        return self._queues[lane][0] if self._queues else None

    def outbox(self, lane: Lane) -> socket.socket | None:
        """The queue of a lane's neighbour, to give it connections."""
        neighbour = Lane.REQUESTS if lane is Lane.MEDIA else Lane.MEDIA
        return self._queues[neighbour][1] if self._queues else None


def next_to_fill(processes: Mapping[Lane, int], taken: Collection[Lane]) -> Lane:
    """Say which lane lacks a process most, given how many each should have and the lanes of those that work."""
    return min(processes, key=lambda lane: list(taken).count(lane) / processes[lane])


def share_of(processors: Collection[int], processes: int, place: int) -> list[int]:
    """Say which processors belong to the `place`-th of some processes: all where there are fewer than processes."""
    if processes > len(processors):
        return sorted(processors)
    return [each for i, each in enumerate(sorted(processors)) if i * processes // len(processors) == place]


class Connection(TConn):  # type: ignore[misc]
    """A client's connection, which may go on in another process."""

    handed_over = False
    closed = False

    def close(self, graceful: bool = False) -> None:
        """Close it once; a connection that was handed over only here."""
        if self.closed:
            return
        self.closed = True
        if self.handed_over:
            self.sock.close()  # without a shutdown: that would end it for the other process, too
        else:
            super().close(graceful)

    def belongs_to(self) -> Lane | None:
        """Look at the request that waits on the line; None when it can't be told yet."""
        if self.initialized and self.parser.unreader.buf.getvalue():
            return None  # the request was read already, behind the one before it
        with suppress(OSError):
            head = self.sock.recv(_LONGEST_METHOD + max(map(len, SLOW)), socket.MSG_PEEK)
            _, space, path = head.partition(b" ")
            if head.startswith(SENDING):
                return Lane.MEDIA
            if any(each.startswith(head) for each in SENDING):
                return None
            if space and path.startswith(SLOW):
                return Lane.MEDIA
            if space and not any(each.startswith(path) for each in SLOW):
                return Lane.REQUESTS
        return None

    def refuse(self) -> None:
        """Say that the server is busy, before anything of the request is taken."""
        self.sock.setblocking(True)
        with suppress(OSError):
            method, _, path = self.sock.recv(_LONGEST_METHOD + len(_STOCK), socket.MSG_PEEK).partition(b" ")
            told = _IN_WORDS if path.startswith(_STOCK) and method != b"HEAD" else _WITHOUT_WORDS
            self.sock.sendall(_BUSY % (again_within(SOON).encode(), told))


class LaneWorker(ThreadWorker):  # type: ignore[misc]
    """A web process in one of the lanes."""

    lanes: Lanes
    lane: Lane
    place: int
    sockets: list[Any]

    def take_place(self, lanes: Lanes, lane: Lane, place: int) -> None:
        """Take a place in a lane, the `place`-th of its processes, before the process begins."""
        self.lanes, self.lane, self.place = lanes, lane, place
        lanes.held[lane][place] = 0
        self._refusals = Seldom(_SELDOM)

    def init_process(self) -> None:
        """Listen to the port, to connections that are handed over, or to both; on processors of its own.

        Each of a lane works on one request at a time and asks the database in between. Left to the system, two of them
        come to wait for one processor while another has nothing to do.
        """
        if self.lanes.affinity:
            mine = share_of(os.sched_getaffinity(0), self.lanes.processes[self.lane], self.place)
            os.sched_setaffinity(0, mine)
        inbox = self.lanes.inbox(self.lane)
        if inbox is not None:
            if self.lane is Lane.MEDIA:
                for listener in self.sockets:
                    listener.close()
                self.sockets = []
            self.sockets = [*self.sockets, inbox]
        super().init_process()

    def get_thread_pool(self) -> Any:
        """As many threads as the lane has."""
        self.cfg.set("threads", self.lanes.threads[self.lane])
        return super().get_thread_pool()

    def accept(self, listener: Any) -> None:
        """Take a new connection, or one that is handed over.

        Whoever has more connections than another process of the lane lets that come first: a phone or a proxy keeps its
        connection, and what they bring would have one process work while another one has nothing to do.
        """
        inbox = self.lanes.inbox(self.lane)
        held = self.lanes.held[self.lane]
        if listener is not inbox and held[self.place] > min(held):
            time.sleep(_COURTESY)
        try:
            line = _taken_from(inbox) if listener is inbox else listener.accept()[0]
            conn = Connection(self.cfg, line, line.getpeername(), line.getsockname())
        except OSError as error:
            if error.errno not in _NOTHING_TO_TAKE:
                raise
        else:
            self.nr_conns += 1
            held[self.place] = self.nr_conns
            self.enqueue_req(conn)

    def finish_request(self, conn: Any, fs: Any) -> None:
        """Hear that a request is answered, and note how many connections are left."""
        super().finish_request(conn, fs)
        self.lanes.held[self.lane][self.place] = self.nr_conns

    def handle(self, conn: Connection) -> Any:
        """Answer a request, or hand it over; what must be closed is closed here, by the thread that had it.

        Gunicorn would let the loop that everybody waits for linger over a client that goes on sending.
        """
        if not conn.initialized and not conn.wait_for_data(DEFAULT_WORKER_DATA_TIMEOUT):
            return _DEFER
        outbox = self.lanes.outbox(self.lane)
        if outbox is not None and self.alive and conn.belongs_to() not in {None, self.lane}:
            self._hand_over(conn, outbox)
            return False
        result = super().handle(conn)
        if not result:
            conn.close(graceful=True)
        return result

    def handle_exit(self, sig: Any, frame: Any) -> None:
        """Stop gracefully: bodies that are on their way end where they are, and are acknowledged so far."""
        stop_receiving()
        stop_nudging()
        super().handle_exit(sig, frame)

    def handle_quit(self, sig: Any, frame: Any) -> None:
        """Stop at once, which threads that receive have to notice, too."""
        stop_receiving()
        stop_nudging()
        super().handle_quit(sig, frame)

    def _hand_over(self, conn: Connection, outbox: socket.socket) -> None:
        try:
            socket.send_fds(outbox, [b"c"], [conn.sock.fileno()])
            conn.handed_over = True
        except OSError as error:
            if count := self._refusals.count():
                self.log.warning(
                    "the other lane takes no connections: %s (%d since the last line)", error, count
                )
            conn.refuse()
        conn.close(graceful=True)


def _taken_from(inbox: socket.socket) -> socket.socket:
    """Take a connection that was handed over. Raises OSError when there is none."""
    _, handed, _, _ = socket.recv_fds(inbox, 1, 1)
    if not handed:
        raise BlockingIOError(errno.EAGAIN, "nothing was handed over")
    os.set_inheritable(handed[0], False)
    return socket.socket(fileno=handed[0])
