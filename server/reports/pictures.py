"""Statistics as pictures (PNG): 1080 pixels wide to be read on a phone, or A4 at 300 dots per inch to be printed.

Drawn from a frozen snapshot by one template (`picture.typ`) with one font: the same snapshot gives the same bytes.
"""

import json
from collections.abc import Mapping
from enum import StrEnum
from math import ceil, cos, floor, radians
from pathlib import Path
from typing import Any, Final

import typst
from noto_cjk_sans_otc import FONT_PATH
from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from server.clock import CHINA
from server.db import Json
from server.problems import PictureNotFound
from server.reports.figures import INSPECTED
from server.reports.ledger import Ledger
from server.reports.models import ReportRow, ReportSnapshot
from server.reports.rates import FIGURES, rates

_TEMPLATE: Final = Path(__file__).with_name("picture.typ")
_CELLS: Final = 100  # in a degree, see `ledger_columns`
_KILOMETRES_A_DEGREE: Final = 111.32


class Picture(StrEnum):
    """What is drawn: the figures by county and matter, or where was drawn and where was visited."""

    RATES = "rates"
    MAP = "map"


class Size(StrEnum):
    """How large it is: for a phone, or a page."""

    PHONE = "phone"
    A4 = "a4"


_DOTS: Final = {Size.PHONE: 144.0, Size.A4: 300.0}
"""Dots per inch: a page of 540 points is 1080 pixels at 144."""


def tell(session: Session, snapshot: ReportSnapshot, picture: Picture) -> Json:
    """Write what a picture shows: everything that the template draws."""
    ledger = Ledger(snapshot)
    told: Json = {
        "title": {Picture.RATES: "双随机抽查工作统计", Picture.MAP: "抽取与检查分布"}[picture],
        "region": ledger.region_name(snapshot.region),
        "period": f"{snapshot.first} 至 {snapshot.last}",
        "as_of": snapshot.as_of.astimezone(CHINA).strftime("%Y-%m-%d %H:%M"),
        "rows": snapshot.rows,
        "sha256": snapshot.sha256,
        "picture": picture.value,
    }
    if picture is Picture.RATES:
        return {**told, "figures": list(FIGURES.items()), **rates(session, snapshot)}
    return {**told, **_places(session, snapshot)}


def draw_page(told: Mapping[str, Any], size: Size, page: int = 1) -> bytes:
    """Draw a page of what was told; for a phone there is one, however long. PictureNotFound behind the last."""
    drawn: Any = typst.compile(
        _TEMPLATE,
        font_paths=[Path(str(FONT_PATH)).parent],
        ignore_system_fonts=True,
        format="png",
        ppi=_DOTS[size],
        sys_inputs={"told": json.dumps(told, ensure_ascii=False), "size": size.value},
    )
    pages = drawn if isinstance(drawn, list) else [drawn]
    if not 1 <= page <= len(pages):
        raise PictureNotFound()
    return bytes(pages[page - 1])


def _places(session: Session, snapshot: ReportSnapshot) -> Json:
    """Where objects lie, in cells of about a kilometre: how many were drawn in each, and how many visited."""
    cells = [
        {"row": row.latitude_cell, "column": row.longitude_cell, "drawn": row.drawn, "visited": row.visited}
        for row in session.execute(_by_cell(snapshot))
    ]
    known = [each for each in cells if each["row"] is not None and each["column"] is not None]
    outlines = snapshot.facts.get("outlines", {"sources": [], "rings": {}})
    rings = [ring for code in sorted(outlines["rings"]) for ring in outlines["rings"][code]]
    elsewhere = sum(each["drawn"] for each in cells) - sum(each["drawn"] for each in known)
    return {
        "places": known,
        "without_position": elsewhere,
        "drawn": sum(each["drawn"] for each in cells),
        "visited": sum(each["visited"] for each in cells),
        "outlines": rings,
        "outline_sources": outlines["sources"],
        "frame": _frame([(each["row"], each["column"]) for each in known], rings),
    }


def _by_cell(snapshot: ReportSnapshot) -> Any:
    where = (ReportRow.latitude_cell, ReportRow.longitude_cell)
    return (
        select(
            *where,
            func.count(ReportRow.object_id.distinct()).label("drawn"),
            func.count(case((INSPECTED, ReportRow.object_id)).distinct()).label("visited"),
        )
        .where(ReportRow.snapshot_id == snapshot.id)
        .group_by(*where)
        .order_by(*where)
    )


def _frame(cells: list[tuple[int, int]], rings: list[list[list[float]]]) -> Json:
    """The rectangle that holds all cells and outlines with a margin, how much wider than high it is drawn, lines of its grid, a scale."""
    if not cells and not rings:
        return {
            "south": 0,
            "north": 1,
            "west": 0,
            "east": 1,
            "aspect": 1.0,
            "step": 1,
            "kilometres": 0,
            "scale": 0,
        }
    corners = [corner for ring in rings for corner in ring]
    rows = [row for row, _ in cells] + [edge(y) for _, y in corners for edge in (floor, ceil)]
    columns = [column for _, column in cells] + [edge(x) for x, _ in corners for edge in (floor, ceil)]
    middle = radians((min(rows) + max(rows)) / 2 / _CELLS)
    margin = max(4, (max(rows) - min(rows)) // 8, (max(columns) - min(columns)) // 8)
    south, north = min(rows) - margin, max(rows) + margin
    west, east = min(columns) - margin, max(columns) + margin
    # A picture is never more than half as high again as it is wide, nor flatter than half: the frame is made larger.
    width, height = (east - west) * cos(middle), float(north - south)
    if height > 1.4 * width:
        more = int((height / 1.4 - width) / cos(middle) / 2) + 1
        west, east = west - more, east + more
    if width > 2 * height:
        more = int((width / 2 - height) / 2) + 1
        south, north = south - more, north + more
    span = max(north - south, east - west)
    step = next(each for each in (2, 5, 10, 20, 50, 100, 200, 500, 1000) if span / each <= 8 or each == 1000)
    across = (east - west) * cos(middle) / _CELLS * _KILOMETRES_A_DEGREE
    kilometres = next((each for each in (500, 200, 100, 50, 20, 10, 5, 2, 1) if each <= across / 4), 1)
    return {
        "south": south,
        "north": north,
        "west": west,
        "east": east,
        "aspect": round((east - west) * cos(middle) / (north - south), 6),
        "step": step,
        "kilometres": kilometres,
        "scale": round(kilometres / across, 6),
    }
