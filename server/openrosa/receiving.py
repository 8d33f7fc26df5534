"""A submission as it comes off the line: any number of parts, its files written to the store as they come.

They become objects only when the last byte is here: whatever breaks off, of a half body nothing is left.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

from werkzeug.http import parse_options_header

from media import Store, StoreError, tus
from server.evidence.arriving import Arriving, announced_length
from server.evidence.taking import OPEN_FILES, Coming, Kept, finish_files
from server.openrosa.parts import BodyBroken, Head, Parts, Sink
from server.problems import MediaTypeWrong, Problem, SubmissionBroken, SubmissionNoXml, SubmissionPacked

XML_PART: Final = "xml_submission_file"
INCOMPLETE: Final = "*isIncomplete*"
_MOST_PARTS: Final = 5000
#: No file of a phone is called by more; the end says of what kind it is.
LONGEST_NAME: Final = 255
#: More of XML than anybody reads: it is kept whole all the same, beside what can be read of it.
LONGEST_XML: Final = 4 * 1024 * 1024


@dataclass(frozen=True)
class ReceivedFile:
    """A file of a submission, stored: its name without folders, and its type as the phone says it."""

    name: str
    type: str
    kept: Kept


class Received:
    """A submission on its way, and then whole. To be closed: what did not become an object is forgotten.

    `more`: the phone says that it has not sent all yet
    (`*isIncomplete*`). Believed only where nothing else tells.
    """

    def __init__(self, store: Store, most: int) -> None:
        self.more = False
        self._store = store
        self._most = most
        self._xml: _Xml | None = None
        self._files: list[tuple[Head, Coming]] = []

    @property
    def xml(self) -> bytes:
        """The exact bytes of the XML; of what is too long to be read, as much as says so."""
        return bytes(self._xml.content) if self._xml else b""

    def require_xml(self) -> None:
        """Raise SubmissionNoXml where the XML has not come."""
        if self._xml is None:
            raise SubmissionNoXml()

    def begin(self, head: Head) -> Sink:
        """Say where the bytes of the next part go. A further part under the name of the XML is a file like any other.

        What has a name and nothing else is a field; of those one says something.
        """
        if head.name == XML_PART and self._xml is None:
            self._xml = _Xml(self, head)
            return self._xml
        if head.filename is None and not head.type and head.name not in {"", XML_PART}:
            self.more = self.more or head.name == INCOMPLETE
            return _NOWHERE
        return _File(self, head)

    def open_file(self, head: Head) -> Coming:
        """Begin a file of it."""
        coming = Coming(self._store, self._most)
        self._files.append((head, coming))
        return coming

    def file_ended(self) -> None:
        """Hear that a file is whole; of very many not all stay open."""
        if len(self._files) > OPEN_FILES:
            self._files[-1][1].rest()

    def store(self) -> list[ReceivedFile]:
        """Make objects of its files. Raises `StoreError`."""
        kept = finish_files(self._store, [coming for _, coming in self._files])
        return [
            ReceivedFile(
                base_name(head.filename or head.name),
                head.type.replace("\0", "") or "application/octet-stream",
                each,
            )
            for (head, _), each in zip(self._files, kept, strict=True)
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for _, coming in self._files:
            coming.discard()


class _Xml(Sink):
    """Keeps XML in memory; what is too long becomes a file, too."""

    def __init__(self, received: Received, head: Head) -> None:
        self.content = bytearray()
        self._received, self._head = received, head
        self._file: _File | None = None

    def write(self, piece: memoryview) -> None:
        if self._file is None and len(self.content) + len(piece) > LONGEST_XML:
            self._file = _File(self._received, self._head)
            self._file.write(memoryview(bytes(self.content)))
        if self._file is not None:
            self._file.write(piece)
        self.content += piece[: LONGEST_XML - len(self.content)]

    def end(self) -> None:
        if self._file is not None:
            self._file.end()


class _File(Sink):
    """Writes a file to the store."""

    def __init__(self, received: Received, head: Head) -> None:
        self._received = received
        self._coming = received.open_file(head)

    def write(self, piece: memoryview) -> None:
        self._coming.write(piece)

    def end(self) -> None:
        self._received.file_ended()


class _Nowhere(Sink):
    """Forgets a field that says nothing but its name."""

    def write(self, piece: memoryview) -> None:
        pass

    def end(self) -> None:
        pass


_NOWHERE: Final = _Nowhere()


def receive(environ: Mapping[str, Any], store: Store) -> Received:
    """Receive a submission whole, its files into uploads of `store`.

    Raises SubmissionBroken for a body that was cut or is no multipart, SubmissionPacked for one that is compressed,
    SubmissionNoXml where the XML is missing, and `StoreError`.
    """
    announced = announced_length(environ)
    received = Received(store, tus.MAXIMUM_SIZE if announced is None else announced)
    try:
        _read(environ, received)
        received.require_xml()
    except BaseException:
        received.__exit__(None, None, None)
        raise
    return received


def base_name(name: str) -> str:
    """Take the last part of a file's name, in whatever way its folders are written, as far as a name can be told of."""
    last = name.replace("\0", "").replace("\\", "/").rstrip("/").rpartition("/")[2]
    return "file" if last in {"", ".", ".."} else last[-LONGEST_NAME:]


def _read(environ: Mapping[str, Any], received: Received) -> None:
    kind, options = parse_options_header(environ.get("CONTENT_TYPE"))
    boundary = options.get("boundary", "").encode("latin-1", "replace")
    if kind.lower() != "multipart/form-data" or not boundary:
        raise MediaTypeWrong("multipart/form-data")
    parts = Parts(boundary, received.begin, _MOST_PARTS)
    body = Arriving(environ, tus.MAXIMUM_SIZE, lambda _given: True)
    # What was made of a body while it comes is told when all has come: a phone reads no answer while it sends.
    error: StoreError | Problem | None = None
    if environ.get("HTTP_CONTENT_ENCODING", "").strip().lower() not in {"", "identity"}:
        error = SubmissionPacked().with_headers(Accept_Encoding="identity")
    try:
        for piece in body:
            if error is None:
                try:
                    parts.feed(piece)
                except StoreError as full:
                    error = full
    except BodyBroken as broken:
        raise SubmissionBroken() from broken
    if error is not None:
        raise error
    if body.cut or not parts.whole:
        raise SubmissionBroken()
