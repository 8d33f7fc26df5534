"""A bad network between a client and a server: a relay that does one kind of harm to large requests."""

import socket
import socketserver
import struct
import threading
import time
from contextlib import suppress
from typing import Literal, Self

from tests.server.evidence.serving import is_taken

#: `close`, `reset`: the line ends on both sides after some bytes (FIN, RST). `vanish`: the client's end breaks,
#: and the server hears nothing of it. `mute`: all arrives, the answer does not. `repeat`: what was sent comes
#: once more, later and on a line of its own. `slow`: 2 MB per second.
Harm = Literal["close", "reset", "vanish", "mute", "repeat", "slow"]
#: Harm to what crosses on several lines. `twice`: all that is sent arrives on two lines at the same time, and the
#: answer to one of them comes back. `reorder`: the first of two answers comes back after the second.
Crossing = Literal["twice", "reorder"]
_BYTES_PER_SECOND = 2_000_000


class Relay(socketserver.ThreadingTCPServer):
    """Carries connections to `server_port`; requests of more than `after` bytes come to harm, `times` of them."""

    daemon_threads = True

    def __init__(self, server_port: int, harm: Harm | Crossing, after: int = 120_000, times: int = 3) -> None:
        super().__init__(("127.0.0.1", 0), _Relayed)
        self.server_port, self.harm, self.after, self.left = server_port, harm, after, times
        self.lines_left_open: list[socket.socket] = []
        self.brought = 0
        self.is_holding = threading.Event()
        self._held_back: threading.Event | None = None
        self._counting = threading.Lock()

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def count(self, size: int) -> None:
        """Note that so many bytes, heads and bodies, were brought to the server."""
        with self._counting:
            self.brought += size

    def hold_back(self) -> None:
        """Let the first answer to a large request wait for the second one to be given."""
        with self._counting:
            if self.left == 0:
                return
            self.left -= 1
            waiting, first = self._held_back, self._held_back is None
            self._held_back = threading.Event() if waiting is None else None
            mine = self._held_back
        if first and mine:
            self.is_holding.set()
            assert mine.wait(20), "there was no second answer"
        elif waiting:
            threading.Timer(0.3, waiting.set).start()

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        for each in self.lines_left_open:
            each.close()
        self.server_close()


class _Relayed(socketserver.BaseRequestHandler):
    """One connection through the relay."""

    server: Relay

    def handle(self) -> None:
        self.carried = bytearray()
        self.is_muted = False
        self.onward = socket.create_connection(("127.0.0.1", self.server.server_port), 20)
        self.beside: socket.socket | None = None
        if self.server.harm == "twice":
            self.beside = socket.create_connection(("127.0.0.1", self.server.server_port), 20)
            threading.Thread(target=_let_flow_away, args=(self.beside,), daemon=True).start()
        back = threading.Thread(target=self._bring_back, daemon=True)
        back.start()
        with suppress(OSError):
            self._carry_on()
        if self.onward in self.server.lines_left_open:
            return
        back.join(20)
        self.onward.close()
        if self.beside:
            self.beside.close()
        if self.server.harm == "repeat" and self._comes_to_harm(len(self.carried)):
            self._repeat()

    def _carry_on(self) -> None:
        while piece := self.request.recv(65536):
            if self._comes_to_harm(len(self.carried) + len(piece)):
                if self.server.harm in {"close", "reset", "vanish"}:
                    self._bring(piece[: self.server.after - len(self.carried)])
                    return self._break()
                self.is_muted = self.server.harm == "mute"
            self._bring(piece)
            self.carried += piece
            if self.server.harm == "slow":
                time.sleep(len(piece) / _BYTES_PER_SECOND)
        self.onward.shutdown(socket.SHUT_WR)
        return None

    def _bring(self, piece: bytes) -> None:
        self.onward.sendall(piece)
        if self.beside:
            with suppress(OSError):
                self.beside.sendall(piece)
        self.server.count(len(piece))

    def _bring_back(self) -> None:
        with suppress(OSError):
            while piece := self.onward.recv(65536):
                if self.is_muted:
                    self.server.left -= 1
                    self.request.shutdown(socket.SHUT_RDWR)
                    return
                if self.server.harm == "reorder" and self._comes_to_harm(len(self.carried)):
                    self.server.hold_back()
                self.request.sendall(piece)
        if self.onward not in self.server.lines_left_open:
            with suppress(OSError):
                self.request.shutdown(socket.SHUT_WR)  # the server hung up, which the client has to hear

    def _comes_to_harm(self, size: int) -> bool:
        return size > self.server.after and self.server.left > 0

    def _break(self) -> None:
        is_taken(self.onward)  # what was sent has to arrive before the end of the line overtakes it
        self.server.left -= 1
        if self.server.harm == "vanish":
            self.server.lines_left_open.append(self.onward)
            return _reset(self.request)
        if self.server.harm == "reset":
            _reset(self.onward)
            return _reset(self.request)
        self.onward.shutdown(socket.SHUT_RDWR)
        return self.request.shutdown(socket.SHUT_RDWR)

    def _repeat(self) -> None:
        self.server.left -= 1
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.server.server_port), 20) as again:
            again.sendall(self.carried)
            again.recv(65536)


def _let_flow_away(line: socket.socket) -> None:
    with suppress(OSError):
        while line.recv(65536):
            pass


def _reset(line: socket.socket) -> None:
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.shutdown(socket.SHUT_RD)  # a thread that still reads it would keep it open
    line.close()
