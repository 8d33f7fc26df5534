"""What a confined child can be asked to do with a file; see `media.looking`.

A task gets the order as JSON, the file, and a file to write what it makes into; it answers JSON. `made` tells where
in that file each thing is: first byte and length.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, BinaryIO, Final

from media.derivatives import POSTER, PREVIEW, THUMBNAIL, WAVEFORM
from media.images import PREVIEW_EDGE, THUMBNAIL_EDGE, as_jpeg, examine_image
from media.playing import needed_copy, write_playable
from media.recordings import examine_recording
from media.sniffing import Kind
from media.stamping import STAMPED_EDGE, Stamp, stamped_copy
from media.unreadable import UnreadableMedia

Task = Callable[[dict[str, Any], BinaryIO, BinaryIO], dict[str, Any]]


def look(order: dict[str, Any], file: BinaryIO, target: BinaryIO) -> dict[str, Any]:
    """Read a file's facts and, with `derive`, make what shows it."""
    kind = Kind(**order["kind"])
    answer = _look_at_photo(file, kind) if kind.pillow_format else _look_at_recording(file, kind)
    if not order["derive"]:
        return answer | {"made": {}, "unmade": {}, "needs_copy": None}
    return answer | {"made": _write_all(answer["made"], target)}


def copy(order: dict[str, Any], file: BinaryIO, target: BinaryIO) -> dict[str, Any]:
    """Write a copy that browsers play."""
    return {"name": write_playable(file, Kind(**order["kind"]), target)}


def stamp(order: dict[str, Any], file: BinaryIO, target: BinaryIO) -> dict[str, Any]:
    """Write a photo with a band of text below it."""
    picture = examine_image(file, Kind(**order["kind"]), STAMPED_EDGE).picture
    return {"made": _write_all({"stamped.jpg": stamped_copy(picture, Stamp(**order["stamp"]))}, target)}


TASKS: Final[dict[str, Task]] = {"look": look, "copy": copy, "stamp": stamp}


def _look_at_photo(file: BinaryIO, kind: Kind) -> dict[str, Any]:
    examined = examine_image(file, kind)
    made = {
        PREVIEW: as_jpeg(examined.picture, PREVIEW_EDGE),
        THUMBNAIL: as_jpeg(examined.picture, THUMBNAIL_EDGE),
    }
    return {"facts": _written(asdict(examined.facts)), "made": made, "unmade": {}, "needs_copy": None}


def _look_at_recording(file: BinaryIO, kind: Kind) -> dict[str, Any]:
    examined = examine_recording(file, kind)
    made, unmade, needs_copy = dict[str, bytes](), dict[str, str](), None
    if examined.poster is not None:
        made = {
            POSTER: as_jpeg(examined.poster, PREVIEW_EDGE),
            THUMBNAIL: as_jpeg(examined.poster, THUMBNAIL_EDGE),
        }
    if examined.waveform is not None:
        made = {WAVEFORM: json.dumps(asdict(examined.waveform)).encode()}
    try:
        needs_copy = needed_copy(examined.facts, kind)
    except UnreadableMedia as error:
        unmade = {"playable": error.reason}
    return {
        "facts": _written(asdict(examined.facts)), "made": made, "unmade": unmade, "needs_copy": needs_copy,
    }  # fmt: skip


def _write_all(made: Mapping[str, bytes], target: BinaryIO) -> dict[str, tuple[int, int]]:
    spans = {}
    for name, content in made.items():
        spans[name] = target.tell(), len(content)
        target.write(content)
    return spans


def _written(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value, datetime) else value
        for name, value in facts.items()
        if value is not None
    }
