"""Looking into strangers' files from a safe distance: what `media.looking` does in a process of its own.

The helper process is started when first needed, with an empty environment and no open files but a line to us; for
each file it forks a child that may neither open files nor speak to anyone, within limits of memory, processor time
and written bytes. Whatever becomes of the child, the helper goes on; whatever becomes of the helper, a new one is
started for the next file.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final, Self, cast

from media.derivatives import MEDIA_TYPES, SOUND_COPY, VIDEO_COPY
from media.sniffing import Kind
from media.stamping import Stamp
from media.unreadable import LookingInterrupted, UnreadableMedia

_CODE: Final = Path(__file__).parent.parent
_MEBIBYTE: Final = 1024 * 1024
#: Seconds that the helper may take beyond a child's own limit before it is given up itself.
_GRACE: Final = 10
_LARGEST_ANSWER: Final = 256 * 1024


@dataclass(frozen=True)
class Limits:
    """What one child may use: bytes of address space, seconds of processor and of the clock, bytes written."""

    memory: int = 1536 * _MEBIBYTE
    processor: int = 60
    clock: int = 120
    written: int = 64 * _MEBIBYTE


LOOK_LIMITS: Final = Limits()
STAMP_LIMITS: Final = Limits(processor=30, clock=60)
COPY_LIMITS: Final = Limits(processor=30 * 60, clock=60 * 60, written=512 * _MEBIBYTE)


@dataclass(frozen=True)
class Look:
    """What was found in a file and made of it.

    `facts` are JSON: numbers, texts and ISO moments with the names and units of `ImageFacts` or `RecordingFacts`;
    what a file does not say is left out. `made` are derivatives by their names. `needs_copy` names the
    copy that browsers need to play it, which `Looker.copy` makes; `unmade` tells why one is not made.
    """

    facts: dict[str, Any]
    made: dict[str, bytes] = field(default_factory=dict)
    unmade: dict[str, str] = field(default_factory=dict)
    needs_copy: str | None = None


class Looker:
    """Looks into files, one at a time, from any thread. Close it, or use it as a context.

    `folder` is where large temporary files may be; `limits` replace those of a task: `look`, `copy` or `stamp`.
    """

    def __init__(self, folder: Path, limits: Mapping[str, Limits] | None = None) -> None:
        self.folder = folder
        self._limits = {"look": LOOK_LIMITS, "copy": COPY_LIMITS, "stamp": STAMP_LIMITS, **(limits or {})}
        self._lock = threading.Lock()
        self._helper: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    def look(self, file: BinaryIO, kind: Kind, derive: bool = True) -> Look:
        """Read what a file says and, with `derive`, make the small things that show it.

        `file` has a descriptor of its own, open for reading. Raises `UnreadableMedia` when nothing can be made of
        it, `LookingInterrupted` when it may be tried again.
        """
        order = {"kind": asdict(kind), "derive": derive}
        with self.draft() as target, _doubted():
            answer = self._run("look", order, file, target)
            made = {
                name: _cut(target, *answer["made"][name]) for name in MEDIA_TYPES if name in answer["made"]
            }
            needs_copy = answer["needs_copy"] if answer["needs_copy"] in MEDIA_TYPES else None
            return Look(dict(answer["facts"]), made, dict(answer["unmade"]), needs_copy)

    def copy(self, file: BinaryIO, kind: Kind, target: BinaryIO) -> str:
        """Write a copy that browsers play into `target`, return its name. May take as long as the recording plays.

        Raises as `look` does; then `target` holds nothing of use.
        """
        with _doubted():
            answer = self._run("copy", {"kind": asdict(kind)}, file, target)
            target.seek(0)
            return SOUND_COPY if answer["name"] == SOUND_COPY else VIDEO_COPY

    def stamp(self, file: BinaryIO, kind: Kind, stamp: Stamp) -> bytes:
        """Make a JPEG copy of a photo with a band of text below it.

        Raises `Unprintable` for what the font cannot print, and as `look` does.
        """
        stamp.check()
        order = {"kind": asdict(kind), "stamp": asdict(stamp)}
        with self.draft() as target, _doubted():
            answer = self._run("stamp", order, file, target)
            return _cut(target, *answer["made"]["stamped.jpg"])

    def draft(self) -> BinaryIO:
        """Open an empty file without a name, to be written by `copy`. Raises `LookingInterrupted`."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            return cast("BinaryIO", tempfile.TemporaryFile(dir=self.folder))
        except OSError as error:
            raise LookingInterrupted(str(error)) from error

    def close(self) -> None:
        """End the helper, with what it is doing now; it is started again when needed."""
        if (helper := self._helper) is not None:
            _kill(helper)
        with self._lock:
            self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _run(self, task: str, order: dict[str, Any], file: BinaryIO, target: BinaryIO) -> dict[str, Any]:
        limits = self._limits[task]
        message = json.dumps({"task": task, "limits": asdict(limits), **order}).encode() + b"\n"
        with self._lock:
            line = self._ready()
            line.settimeout(limits.clock + _GRACE)
            try:
                socket.send_fds(line, [message], [file.fileno(), target.fileno()])
                received = _receive_line(line)
            except (OSError, EOFError) as error:
                self._end()
                raise LookingInterrupted(f"the looking process ended: {error}") from error
        return _judged(_plain(json.loads(received, parse_constant=_refuse_constant)), limits)

    def _ready(self) -> socket.socket:
        if self._line is not None and self._helper is not None and self._helper.poll() is None:
            return self._line
        self._end()
        ours, theirs = socket.socketpair()
        with theirs:
            self._helper = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-s", "-m", "media.looking", str(theirs.fileno())],
                cwd=_CODE,
                env={"LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )
        self._line = ours
        return ours

    def _end(self) -> None:
        line, self._line = self._line, None
        helper, self._helper = self._helper, None
        if line is not None:
            line.close()
        if helper is not None:
            _kill(helper)
            helper.wait()


def _kill(helper: "subprocess.Popen[bytes]") -> None:
    """Kill the helper and its child: they are a group of their own."""
    if helper.poll() is None:
        with suppress(ProcessLookupError):
            os.killpg(helper.pid, signal.SIGKILL)


def _receive_line(line: socket.socket) -> bytes:
    received = bytearray()
    while not received.endswith(b"\n"):
        piece = line.recv(64 * 1024)
        if not piece or len(received) > _LARGEST_ANSWER:
            raise EOFError("no answer" if not piece else "the answer is too long")
        received += piece
    return bytes(received)


def _judged(answer: dict[str, Any], limits: Limits) -> dict[str, Any]:
    """The answer of a child, or the refusal that its end means."""
    if "unreadable" in answer:
        raise UnreadableMedia(str(answer["unreadable"])[:500])
    if "ended" not in answer:
        return answer
    ended = answer["ended"]
    if ended == signal.SIGKILL:  # not by us: the machine had no memory left, or somebody stopped it
        raise LookingInterrupted("the child was killed from outside")
    if ended in {"clock", signal.SIGXCPU}:
        raise UnreadableMedia(
            "处理时间超过限制，未生成预览。Looking into it took too long, so there is no preview of it."
        )
    if ended == signal.SIGXFSZ:
        raise UnreadableMedia("生成的内容过大。What was made of it is too large.")
    raise UnreadableMedia(
        f"文件使解析程序中止（{ended}），可能已损坏。The file made the program that reads it fail ({ended}) "
        f"within {limits.memory // _MEBIBYTE} MiB; it may be damaged."
    )


@contextmanager
def _doubted() -> Iterator[None]:
    """Take an answer that makes no sense for the work of a file that took its child over."""
    try:
        yield
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise UnreadableMedia("解析结果无效，文件可能有害。What was read from it makes no sense.") from error


def _plain(value: Any) -> Any:
    """An answer without what no database takes in a text: NUL, and halves of characters."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "ignore").decode("utf-8")
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {_plain(name): _plain(each) for name, each in value.items()}
    return value


def _refuse_constant(name: str) -> float:
    """JSON has no such number, though Python reads it."""
    raise ValueError(name)


def _cut(target: BinaryIO, start: int, length: int) -> bytes:
    if start < 0 or not 0 <= length <= target.seek(0, os.SEEK_END) - start:
        raise ValueError("outside of what was written")
    target.seek(start)
    return target.read(length)
