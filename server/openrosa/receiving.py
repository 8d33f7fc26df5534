"""A submission as it comes off the line: any number of parts, put aside until the last byte is here.

Small parts wait in memory, all else in files without a name: whatever breaks off, of a half body nothing is left.
Only a body that is whole goes on: its files to the store, its XML to whoever reads it.
"""

import itertools
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self, cast

from werkzeug.datastructures import FileStorage, Headers, MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.formparser import MultiPartParser
from werkzeug.http import parse_options_header
from werkzeug.wsgi import get_input_stream

from media import Store
from server.evidence import taking
from server.evidence.taking import Kept
from server.problems import MediaTypeWrong, SubmissionBroken, SubmissionNoXml

XML_PART: Final = "xml_submission_file"
INCOMPLETE: Final = "*isIncomplete*"
_IN_MEMORY: Final = 256 * 1024
_PARTS_IN_MEMORY: Final = 8
_MOST_PARTS: Final = 5000
#: What does not come as a file: `*isIncomplete*`, and the XML of clients that send it as a field.
_FIELD_BYTES: Final = 2 * 1024 * 1024
_BUFFER: Final = 256 * 1024
#: More of XML than anybody reads: it is kept whole all the same, beside what can be read of it.
LONGEST_XML: Final = 4 * 1024 * 1024


@dataclass(frozen=True)
class ReceivedFile:
    """A file of a submission, stored: its name without folders, and its type as the phone says it."""

    name: str
    type: str
    kept: Kept


class _Parser(MultiPartParser):
    """Reads fields as the bytes they are."""

    def get_part_charset(self, headers: Headers) -> str:  # noqa: ARG002 - the same for all
        """Take every byte as a character of its own: what they mean is for who reads the XML."""
        return "latin-1"


class Received:
    """A whole submission: the exact bytes of its XML, and its other parts. To be closed.

    `more`: the phone says that it has not sent all yet (`*isIncomplete*`). Believed only where nothing else tells.
    """

    def __init__(self, xml: bytes, parts: list[FileStorage], *, more: bool, stack: ExitStack) -> None:
        self.xml = xml
        self.more = more
        self._parts = parts
        self._stack = stack

    def store(self, store: Store) -> list[ReceivedFile]:
        """Put its files into the store. Raises `StoreError`."""
        return [
            ReceivedFile(
                base_name(part.filename or part.name or "file"),
                part.mimetype or "application/octet-stream",
                taking.store_file(store, cast("Any", part.stream), _size(part.stream)),
            )
            for part in self._parts
        ]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()


def receive(environ: Mapping[str, Any], folder: Path) -> Received:
    """Receive a submission; what does not fit into memory waits in `folder`.

    Raises SubmissionBroken for a body that was cut or is no multipart, SubmissionNoXml where the XML is missing.
    """
    with ExitStack() as opened:
        form, files = _parse(environ, folder, opened)
        xml, parts = _divide(form, files)
        return Received(xml, parts, more=INCOMPLETE in form, stack=opened.pop_all())


def base_name(name: str) -> str:
    """Take the last part of a file's name, in whatever way its folders are written."""
    return name.replace("\\", "/").rstrip("/").rpartition("/")[2] or "file"


def _parse(
    environ: Mapping[str, Any], folder: Path, opened: ExitStack
) -> tuple[MultiDict[str, str], MultiDict[str, FileStorage]]:
    kind, options = parse_options_header(environ.get("CONTENT_TYPE"))
    boundary = options.get("boundary", "").encode("latin-1", "replace")
    if kind != "multipart/form-data" or not boundary:
        raise MediaTypeWrong("multipart/form-data")
    folder.mkdir(parents=True, exist_ok=True)
    count = itertools.count(1)

    def place(**_told: Any) -> IO[bytes]:
        most = _IN_MEMORY if next(count) <= _PARTS_IN_MEMORY else 1
        return cast("IO[bytes]", opened.enter_context(tempfile.SpooledTemporaryFile(most, dir=str(folder))))

    parser = _Parser(
        stream_factory=cast("Any", place),
        max_form_memory_size=_FIELD_BYTES,
        buffer_size=_BUFFER,
        max_form_parts=_MOST_PARTS,
    )
    length = environ.get("CONTENT_LENGTH") or ""
    stream = get_input_stream(dict(environ), max_content_length=None)
    try:
        form, files = parser.parse(stream, boundary, int(length) if length.isdigit() else None)
    except HTTPException as error:
        if error.code == 413:
            raise
        raise SubmissionBroken() from error
    except (ValueError, OSError, EOFError) as error:
        raise SubmissionBroken() from error
    return form, files


def _divide(form: MultiDict[str, str], files: MultiDict[str, FileStorage]) -> tuple[bytes, list[FileStorage]]:
    """Tell the XML from everything else; a further part under its name is a file like any other."""
    parts = [part for name in files for part in files.getlist(name)]
    named = [part for part in parts if part.name == XML_PART]
    if not named and XML_PART not in form:
        raise SubmissionNoXml()
    if not named:
        return form[XML_PART].encode("latin-1"), parts
    first = named[0]
    xml = first.stream.read(LONGEST_XML + 1)
    first.stream.seek(0)
    # Too long to be read: then its bytes are a file, and of the XML there is as much as says so.
    rest = [part for part in parts if part is not first or len(xml) > LONGEST_XML]
    return xml[:LONGEST_XML], rest


def _size(stream: IO[bytes]) -> int:
    size = stream.seek(0, 2)
    stream.seek(0)
    return size
