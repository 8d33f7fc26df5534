"""Coverage by field: how much of the library was inspected, by item, by kind of object and by tag (领域)."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Text, cast, select
from sqlalchemy.orm import Session

from server.db import Json
from server.reports.figures import INSPECTED, Share, objects_where
from server.reports.models import ReportRow, ReportSnapshot


def coverage(session: Session, snapshot: ReportSnapshot) -> Json:
    """Count inspected objects beside those in the library: three questions, however many fields there are."""
    library = snapshot.facts["library"]
    everything = sum(library["kinds"].values())
    items = _inspected(session, snapshot, ReportRow.item_code)
    kinds = _inspected(session, snapshot, ReportRow.object_kind)
    tags = by_tag(_inspected(session, snapshot, ReportRow.tags))
    held = by_tag(library["tags"])
    names = snapshot.facts["items"]
    return {
        "objects": everything,
        "items": [
            {"code": code, "name": names.get(code), "coverage": Share(count, everything).as_json()}
            for code, count in sorted(items.items())
        ],
        "kinds": [
            {"kind": kind, "coverage": Share(kinds.get(kind, 0), count).as_json()}
            for kind, count in sorted(library["kinds"].items())
        ],
        "tags": [
            {"tag": tag, "coverage": Share(tags.get(tag, 0), count).as_json()}
            for tag, count in sorted(held.items())
        ],
    }


def by_tag(counts: Mapping[str, int]) -> dict[str, int]:
    """Turn counts by the text of a list of tags into counts by tag; an object with two tags counts for both."""
    found: Counter[str] = Counter()
    for text, count in counts.items():
        for tag in set(json.loads(text)):
            found[str(tag)] += count
    return dict(found)


def _inspected(session: Session, snapshot: ReportSnapshot, by: Any) -> dict[str, int]:
    column = cast(by, Text)
    query = (
        select(column, objects_where(INSPECTED)).where(ReportRow.snapshot_id == snapshot.id).group_by(column)
    )
    return dict(session.execute(query).all())
