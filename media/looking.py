"""The process that looks into strangers' files: `python -m media.looking <descriptor of a socket>`.

`Looker` starts and speaks to it: a line of JSON with two descriptors (the file, and what to write into) asks, a line
of JSON answers. Pillow and FFmpeg are loaded once, here; each file is opened in a forked child that

* gets new limits of memory, processor time and written bytes,
* can open no file and no socket, since it may have no more descriptors,
* is killed when its time is over.

So a file that breaks the libraries breaks one child, and one that takes a child over has nothing to take it to.
"""

import codecs
import importlib
import json
import os
import pkgutil
import resource
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import av
import pillow_heif
from PIL import AvifImagePlugin, Image

from media.exif import read_time
from media.lettering import load_font, missing_characters
from media.tasks import TASKS
from media.unreadable import UnreadableMedia

_LARGEST: Final = 32 * 1024  # less than a pipe holds, so that a child never waits for a reader
_NO_MEMORY: Final = "打开它需要的内存超过限制。Opening it takes more memory than is allowed."


def main() -> None:
    """Answer one order after the other until the line is closed."""
    line = socket.socket(fileno=int(sys.argv[1]))
    _load()
    while (received := _receive(line)) is not None:
        order, descriptors = received
        try:
            answer = _answer(order, descriptors, line)
        finally:
            for each in descriptors:
                os.close(each)
        line.sendall(answer + b"\n")


def _load() -> None:
    """Load all that a child will need: it can open no file itself."""
    Image.init()
    for module in pkgutil.walk_packages(av.__path__, "av."):
        if not module.name.endswith(("__main__", "datasets")):
            importlib.import_module(module.name)
    pillow_heif.register_heif_opener()
    pillow_heif.options.DECODE_THREADS = 1
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    av.logging.set_level(None)
    load_font()
    missing_characters("")
    read_time("2026:02:06 08:30:12", "+08:00")  # the first time that is read loads a module of its own
    for encoding in ("ascii", "latin-1", "utf-8", "utf-16-le", "utf-16-be"):
        codecs.lookup(encoding)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError):  # when memory runs out, better this than a database
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")


def _receive(line: socket.socket) -> tuple[dict[str, Any], list[int]] | None:
    received, descriptors = b"", list[int]()
    while not received.endswith(b"\n"):
        piece, more, _, _ = socket.recv_fds(line, 64 * 1024, 2)
        if not piece:
            return None
        received += piece
        descriptors += more
    return json.loads(received), descriptors


def _answer(order: dict[str, Any], descriptors: list[int], line: socket.socket) -> bytes:
    """Let a child do it; return what it wrote, or how it ended."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            line.close()
            _be_child(order, descriptors, writing)
        finally:
            os._exit(1)
    os.close(writing)
    try:
        written, late = _listen(reading, order["limits"]["clock"], line)
    finally:
        os.close(reading)
        os.kill(child, signal.SIGKILL)  # one that ended by itself is beyond reach, and its status stays
        _, status = os.waitpid(child, 0)
    # More than one line would be taken for an answer about the next file.
    if written.endswith(b"\n") and written.count(b"\n") == 1:
        return written[:-1]
    ended = "clock" if late else os.WTERMSIG(status) if os.WIFSIGNALED(status) else "exit"
    return json.dumps({"ended": ended}).encode()


def _listen(reading: int, seconds: float, line: socket.socket) -> tuple[bytes, bool]:
    """What a child wrote before it closed the pipe or its time was over; and whether it was."""
    deadline = time.monotonic() + seconds
    written = b""
    while (left := deadline - time.monotonic()) > 0 and len(written) <= _LARGEST:
        ready, _, _ = select.select([reading, line.fileno()], [], [], left)
        if line.fileno() in ready:  # nobody asks anything meanwhile: the other end is gone
            raise SystemExit
        if reading in ready:
            piece = os.read(reading, _LARGEST + 1)
            if not piece:
                return written, False
            written += piece
    return written, left <= 0


def _be_child(order: dict[str, Any], descriptors: list[int], writing: int) -> None:
    file, target = open(descriptors[0], "rb"), open(descriptors[1], "w+b")  # noqa: PTH123, SIM115
    confine(order["limits"])
    try:
        answer = TASKS[order["task"]](order, file, target)
        target.flush()
    except UnreadableMedia as error:
        answer = {"unreadable": error.reason}
    except MemoryError:
        answer = {"unreadable": _NO_MEMORY}
    except Exception as error:  # noqa: BLE001 - what it was is told; the process ends with it
        answer = {"ended": type(error).__name__}
    written = json.dumps(answer).encode()
    if len(written) >= _LARGEST:
        answer = {"unreadable": "文件所述内容过多。What the file says is too long."}
        written = json.dumps(answer).encode()
    os.write(writing, written + b"\n")
    os._exit(0)


def confine(limits: dict[str, int]) -> None:
    """Bind this process to its limits for good. What is open stays open; no file, pipe or socket can be opened."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)  # Python would rather go on
    for what, value in (
        (resource.RLIMIT_NOFILE, 0),
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_FSIZE, limits["written"]),
    ):
        resource.setrlimit(what, (value, value))
    # At the first of the two it is told by a signal of its own, at the second killed like from outside.
    resource.setrlimit(resource.RLIMIT_CPU, (limits["processor"], limits["processor"] + 5))


if __name__ == "__main__":
    main()
