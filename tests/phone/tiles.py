"""A small pack of maps (PMTiles 3, https://github.com/protomaps/PMTiles/blob/main/spec/v3/spec.md) to test with."""

import io
import json
import math
import struct
from pathlib import Path

from PIL import Image

COLOUR = (30, 140, 220)
_NONE, _PNG = 1, 2


def write_pack(path: Path, longitude: float, latitude: float, zooms: range = range(9, 15)) -> bytes:
    """Write a pack of plain blue pictures around a place, three tiles each way in every zoom; returns its bytes."""
    picture = io.BytesIO()
    Image.new("RGB", (256, 256), COLOUR).save(picture, "PNG")
    tile = picture.getvalue()
    ids = sorted({tile_id(zoom, *each) for zoom in zooms for each in _around(zoom, longitude, latitude)})
    metadata = json.dumps({"name": "test"}).encode()
    directory = _directory(ids, len(tile))
    place = 127 + len(directory)
    corners = [round(each * 1e7) for each in (longitude - 1, latitude - 1, longitude + 1, latitude + 1)]
    header = struct.pack(
        "<7sB11QBBBBBB4iB2i",
        b"PMTiles", 3,
        127, len(directory), place, len(metadata), 0, 0, place + len(metadata), len(tile),
        len(ids), len(ids), 1,
        0, _NONE, _NONE, _PNG, zooms[0], zooms[-1],
        *corners, zooms[0], round(longitude * 1e7), round(latitude * 1e7),
    )  # fmt: skip
    data = header + directory + metadata + tile
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return data


def tile_id(zoom: int, x: int, y: int) -> int:
    """Number a tile along the Hilbert curve, after all tiles of the zooms before."""
    number = (4**zoom - 1) // 3
    for bit in reversed(range(zoom)):
        side = 1 << bit
        right, below = x & side, y & side
        number += ((3 * right) ^ below) << bit
        if not below:
            if right:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
    return number


def _around(zoom: int, longitude: float, latitude: float) -> list[tuple[int, int]]:
    across = 1 << zoom
    x = int((longitude + 180) / 360 * across)
    y = int((1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2 * across)
    return [(x + right, y + below) for right in range(-3, 4) for below in range(-3, 4)]


def _directory(ids: list[int], length: int) -> bytes:
    """Every tile is an entry of its own, and all are the same bytes."""
    deltas = [one - before for one, before in zip(ids, [0, *ids[:-1]], strict=True)]
    columns = [len(ids), *deltas, *[1] * len(ids), *[length] * len(ids), *[1] * len(ids)]
    return b"".join(_varint(each) for each in columns)


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number > 0x7F:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])
