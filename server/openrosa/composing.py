"""The bytes of a revision, written here for a phone that can't: what it told, in the shape that everybody reads.

The XML in it is the phone's, byte for byte. Nothing is signed: who vouches for it is who holds the key's address.
"""

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Final
from uuid import UUID

from server import clock
from server.inspections.models import Revision
from server.openrosa import reading
from server.openrosa.holders import Held
from server.openrosa.models import SubmittedFile
from server.openrosa.placing import Place
from server.openrosa.reading import ReadInstance
from server.openrosa.receiving import LONGEST_NAME
from sync import MediaEntry, RevisionTime, read_revision, revision_id, write_revision
from sync import Revision as Sealed

NOWHERE: Final = UUID(int=0)
"""The task of what names none: a reviewer says where it belongs."""
_UNSAFE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029/\\\ud800-\udfff]")
_MEDIA_TYPE: Final = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]{0,63}/[a-z0-9][a-z0-9!#$&^_.+-]{0,63}")

name = revision_id


def compose(
    key: Held,
    given: ReadInstance,
    xml: bytes,
    place: Place,
    task: UUID | None,
    files: Sequence[SubmittedFile],
) -> bytes:
    """Write the revision of a submission, the next of its phone."""
    assert key.actor.device_id is not None, "a key is of one device"
    form, version = given.form
    return write_revision(
        Sealed(
            record=place.record,
            parents=place.parents,
            task=task or NOWHERE,
            form=form,
            form_version=version,
            author=str(key.actor.person_id),
            device=key.actor.device_id,
            dev_seq=key.sent + 1,
            prev_dev_rev=key.last_rev,
            time=RevisionTime(reading.finished_at(given.instance) or clock.now()),
            position=None,
            xml=xml.decode("utf-8"),
            media=tuple(_entries(files)),
        )
    )


def xml_of(revision: Revision) -> bytes:
    """Give the XML back that a revision was written of."""
    return read_revision(revision.data).xml.encode("utf-8")


def _entries(files: Sequence[SubmittedFile]) -> list[MediaEntry]:
    """Name each file once. Other bytes under a name that is taken are told beside the first, as `photo~2.jpg`."""
    entries: dict[str, MediaEntry] = {}
    for file in files:
        wanted = _UNSAFE.sub("_", file.name)[-LONGEST_NAME:].strip() or "file"
        told, count = wanted, 1
        while told in entries:
            count += 1
            path = PurePosixPath(wanted)
            told = f"{path.stem[: LONGEST_NAME - 20]}~{count}{path.suffix[:10]}"
        kind = file.type.lower() if _MEDIA_TYPE.fullmatch(file.type.lower()) else "application/octet-stream"
        entries[told] = MediaEntry(told, file.sha256, file.size, kind)
    return list(entries.values())
