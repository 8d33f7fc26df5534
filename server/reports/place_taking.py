"""Taking places away as a file: what is wanted, and how it is made. Features are not held, however many."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Final, cast

from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor
from server.db import Json
from server.problems import ReportTooLarge
from server.reports import taking
from server.reports.place_files import write_geojson, write_geopackage
from server.reports.places import Feature, Layer, LayerName, count_features, features, layers_for
from server.reports.taking import Made, Note, no_note

_BATCH: Final = 500


class PlaceKind(StrEnum):
    """What maps open."""

    GEOJSON = "places.geojson"
    GEOPACKAGE = "places.gpkg"


MIME_TYPES = {
    PlaceKind.GEOJSON: "application/geo+json",
    PlaceKind.GEOPACKAGE: "application/geopackage+sqlite3",
}


@dataclass(frozen=True)
class WantedPlaces:
    """Layers that somebody wants as a file, of one's jurisdiction or of a region of it."""

    kind: PlaceKind
    layers: tuple[LayerName, ...]
    region: str | None = None

    def as_json(self) -> Json:
        """Write it as the audit log keeps it."""
        return {"kind": self.kind.value, "filter": self.chosen}

    @property
    def chosen(self) -> Json:
        """What is in it, as a file keeps it."""
        layers = [layer.value for layer in self.layers]
        return {"layers": layers} if self.region is None else {"layers": layers, "region": self.region}


def want(
    actor: Actor, kind: PlaceKind, names: Sequence[LayerName] | None, region: str | None
) -> WantedPlaces:
    """Say which layers are wanted: all that the actor may see, if none are named. AccessDenied as `layers_for`."""
    return WantedPlaces(kind, tuple(layer.name for layer in layers_for(actor, names)), region)


def name_of(wanted: WantedPlaces) -> str:
    """Name a file as it is saved."""
    return f"空间数据-{clock.today()}.{wanted.kind.value.rpartition('.')[2]}"


def count(session: Session, actor: Actor, wanted: WantedPlaces) -> int:
    """Count the features that a file will hold."""
    layers = layers_for(actor, wanted.layers)
    return sum(count_features(session, actor, layer, wanted.region) for layer in layers)


def make_at_once(session: Session, actor: Actor, wanted: WantedPlaces) -> Made:
    """Make a file while somebody waits; ReportTooLarge when that would be long."""
    found = count(session, actor, wanted)
    if found > taking.AT_ONCE:
        raise ReportTooLarge(lines=found, most=taking.AT_ONCE)
    return make(session, actor, wanted)


def make(session: Session, actor: Actor, wanted: WantedPlaces, note: Note = no_note) -> Made:
    """Write a file as things stand now. `note` hears how many features are written."""
    written = 0

    def read(layer: Layer) -> Iterator[Feature]:
        nonlocal written
        for feature in features(session, actor, layer, wanted.region):
            yield feature
            written += 1
            if written % _BATCH == 0:
                note(written)

    write: Callable[..., tuple[object, int]] = (
        write_geojson if wanted.kind is PlaceKind.GEOJSON else write_geopackage
    )
    content, found = write(layers_for(actor, wanted.layers), read)
    return Made(cast("BinaryIO", content), name_of(wanted), found)


def note_taken(session: Session, actor: Actor, wanted: WantedPlaces, found: int) -> None:
    """Write down who took positions away, of which layers and how many."""
    told = {**wanted.as_json(), "features": found}
    audit.append(session, actor, "places.exported", ("organisation", actor.organisation_id), told)
