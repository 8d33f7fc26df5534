"""A mobile network between a phone and a server: slow, far, lossy, and gone now and then."""

import random
import socket
import socketserver
import struct
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

from tests.server.evidence.serving import is_taken

PACKET = 1400


@dataclass(frozen=True)
class Profile:
    """Bytes per second each way, seconds for the way there and back, and the share of packets that get lost.

    A lost packet is sent again: what is behind it waits for one more round trip. `faster` shortens all times alike.
    """

    up: float
    down: float
    round_trip: float
    loss: float

    def faster(self, times: float) -> "Profile":
        return Profile(self.up * times, self.down * times, self.round_trip / times, self.loss)


#: 256 kbit/s up, with one packet of twenty lost.
EDGE_OF_COVERAGE = Profile(up=32_000, down=64_000, round_trip=0.3, loss=0.05)
THIRD_GENERATION = Profile(up=48_000, down=125_000, round_trip=0.2, loss=0.01)


class _Direction:
    """One way of a line that all connections share."""

    def __init__(self, rate: float, round_trip: float, loss: float, chance: random.Random) -> None:
        self.rate, self.round_trip, self.loss, self.chance = rate, round_trip, loss, chance
        self.free_at = 0.0
        self.lock = threading.Lock()

    def carry(self, size: int) -> None:
        """Take as long as so many bytes take."""
        with self.lock:
            now = time.monotonic()
            self.free_at = max(self.free_at, now) + size / self.rate
            wait = self.free_at - now
            wait += self.round_trip if self.chance.random() < self.loss else 0
        if wait > 0.001:  # shorter naps take longer than they should; what is owed is kept
            time.sleep(wait)


class MobileNetwork(socketserver.ThreadingTCPServer):
    """Carries connections to `server_port`; the one that is sending breaks when so many bytes in all have gone up."""

    daemon_threads = True

    def __init__(self, server_port: int, profile: Profile, cuts: Sequence[int] = (), seed: int = 1) -> None:
        super().__init__(("127.0.0.1", 0), _Carried)
        self.server_port, self.cuts = server_port, sorted(cuts, reverse=True)
        chance = random.Random(seed)
        self.up = _Direction(profile.up, profile.round_trip, profile.loss, chance)
        self.down = _Direction(profile.down, profile.round_trip, profile.loss, chance)
        self.lock = threading.Lock()
        self.gone_up = self.bodies = self.broken = 0

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()

    def breaks_after(self, size: int, of_bodies: int) -> bool:
        """Count what goes up, and in it the bodies of uploads; say whether the connection breaks now."""
        with self.lock:
            self.gone_up += size
            self.bodies += of_bodies
            breaks = bool(self.cuts) and self.gone_up >= self.cuts[-1]
            if breaks:
                self.cuts.pop()
                self.broken += 1
            return breaks


class _Carried(socketserver.BaseRequestHandler):
    """One connection."""

    server: MobileNetwork
    is_over = False  # the server has hung up

    def handle(self) -> None:
        try:
            onward = socket.create_connection(("127.0.0.1", self.server.server_port), 20)
        except OSError:
            return  # nobody is there just now
        onward.settimeout(None)
        back = threading.Thread(target=self._bring_back, args=(onward,), daemon=True)
        back.start()
        with suppress(OSError):
            self._carry_on(onward)
        back.join(60)
        onward.close()

    def _carry_on(self, onward: socket.socket) -> None:
        head = b""
        while (piece := self.request.recv(PACKET)) and not self.is_over:
            body = len(piece)
            if b"\r\n\r\n" not in head:
                head += piece
                body = len(head.partition(b"\r\n\r\n")[2])
            self.server.up.carry(len(piece))
            if self.server.breaks_after(len(piece), body if head.startswith(b"PATCH") else 0):
                _reset(self.request)
                is_taken(onward)  # what had come through arrives before the end of the line overtakes it
                return _reset(onward)
            onward.sendall(piece)
        return onward.shutdown(socket.SHUT_WR)

    def _bring_back(self, onward: socket.socket) -> None:
        with suppress(OSError):
            while piece := onward.recv(PACKET):
                self.server.down.carry(len(piece))
                self.request.sendall(piece)
            self.is_over = True
            self.request.shutdown(socket.SHUT_RDWR)


def _reset(line: socket.socket) -> None:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with suppress(OSError):
        line.shutdown(socket.SHUT_RD)  # a thread that still reads it would keep it open
    line.close()
