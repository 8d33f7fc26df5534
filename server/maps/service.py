"""Packs of maps (PMTiles) as files: `{folder}/{division code}/{name}.pmtiles`. What is in the folder is on offer.

A pack is the bureau's own: it is put there by whoever runs the server, and nothing classified (涉密) belongs in it.
A person sees the packs of regions above, below and of their own.
"""

from dataclasses import dataclass
from pathlib import Path

from media.reading import Reading
from server.access import Actor, Permission, region_bounds, require
from server.problems import MapNotFound

SUFFIX = ".pmtiles"
MAGIC = b"PMTiles\x03"


@dataclass(frozen=True)
class Pack:
    """A pack; `etag` changes when its file does."""

    region: str
    name: str
    size: int
    etag: str
    path: Path

    def open(self, start: int, stop: int | None) -> Reading:
        """Read it from `start` to before `stop`, or to the end it had when it was listed."""
        file = self.path.open("rb")
        file.seek(start)
        return Reading(file, (self.size if stop is None else stop) - start, file.close)


def packs(folder: Path, actor: Actor) -> list[Pack]:
    """List the packs that a person may have, by region and name. A file that is no PMTiles 3 is left out."""
    require(actor, Permission.SYNC)
    if not folder.is_dir():
        return []
    paths = sorted(folder.glob(f"[0-9][0-9][0-9][0-9][0-9][0-9]/*{SUFFIX}"))
    return [_pack(path) for path in paths if _concerns(path.parent.name, actor.region) and _is_pack(path)]


def find_pack(folder: Path, actor: Actor, region: str, name: str) -> Pack:
    """Find one of them; what is hidden looks like what is not there."""
    found = next((each for each in packs(folder, actor) if (each.region, each.name) == (region, name)), None)
    if found is None:
        raise MapNotFound()
    return found


def _pack(path: Path) -> Pack:
    about = path.stat()
    return Pack(
        path.parent.name,
        path.name.removesuffix(SUFFIX),
        about.st_size,
        f"{about.st_size}-{about.st_mtime_ns}",
        path,
    )


def _is_pack(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(MAGIC)) == MAGIC


def _concerns(region: str, mine: str) -> bool:
    (first, last), (below, above) = region_bounds(mine), region_bounds(region)
    return first <= region <= last or below <= mine <= above
