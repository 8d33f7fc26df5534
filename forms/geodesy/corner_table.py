"""The values of a table of corner points (拐点坐标): corners, rings, and findings."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class Severity(StrEnum):
    """ERROR: unusable; WARNING: look at it; CORRECTION: read otherwise than written; NOTE: good to know."""

    ERROR = "error"
    WARNING = "warning"
    CORRECTION = "correction"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class CornerFinding:
    """What was found or corrected; `row` is the 1-based line of the pasted text (None: the whole table)."""

    kind: str
    severity: Severity
    message: str
    message_en: str
    row: int | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the finding as the wire shows it."""
        return {
            "kind": self.kind,
            "severity": self.severity.value,
            "message": self.message,
            "message_en": self.message_en,
            "row": self.row,
        }


class CornerFindings(list[CornerFinding]):
    """Findings as they are made."""

    def tell(
        self, kind: str, severity: Severity, message: str, message_en: str, *, row: int | None = None
    ) -> None:
        """Add a finding."""
        self.append(CornerFinding(kind, severity, message, message_en, row))


@dataclass(frozen=True, slots=True)
class Corner:
    """One corner in metres: X north, Y east (with the zone number in front where the table is prefixed)."""

    name: str
    x_north: float
    y_east: float


@dataclass(frozen=True, slots=True)
class Ring:
    """A closed line of corners, the first not repeated at the end; `hole` is an excluded area (除外)."""

    corners: tuple[Corner, ...]
    hole: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the ring as JSON; `read_rings` is the way back."""
        return {
            "hole": self.hole,
            "corners": [[corner.name, corner.x_north, corner.y_east] for corner in self.corners],
        }


def read_rings(data: Iterable[dict[str, Any]]) -> tuple[Ring, ...]:
    """Read rings from what `Ring.as_json` wrote."""
    return tuple(
        Ring(
            corners=tuple(Corner(str(name), float(x), float(y)) for name, x, y in ring["corners"]),
            hole=bool(ring["hole"]),
        )
        for ring in data
    )


@dataclass(frozen=True, slots=True)
class CornerTable:
    """Rings in one grid; `epsg` is None where the zone could not be established."""

    rings: tuple[Ring, ...]
    epsg: int | None
    findings: tuple[CornerFinding, ...] = ()

    @property
    def usable(self) -> bool:
        """Tell whether a polygon may be made of the table: a known grid, and no errors."""
        return self.epsg is not None and all(f.severity is not Severity.ERROR for f in self.findings)

    def as_json(self) -> dict[str, Any]:
        """Return the table as the wire shows it."""
        return {
            "epsg": self.epsg,
            "usable": self.usable,
            "rings": [ring.as_json() for ring in self.rings],
            "findings": [finding.as_json() for finding in self.findings],
        }


def format_corners(rings: Iterable[Ring]) -> str:
    """Write rings as a licence does, `name,X,Y` to 0.1 mm, so that `parse_corners` reads the same rings."""
    blocks = []
    for ring in rings:
        rows = [
            f"{corner.name}{',' if corner.name else ''}{corner.x_north:.4f},{corner.y_east:.4f}"
            for corner in ring.corners
        ]
        blocks.append("\n".join(["除外" if ring.hole else "*", *rows]))
    return "\n".join(blocks)
