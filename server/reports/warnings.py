"""Early warning (R98, R99): where problems are common or become so, whose risk rises, and which targeted draw that calls for.

A warning says what it was counted from; it proposes a row for the plan, and people decide.
"""

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from server.db import Json
from server.reports.coverage import by_tag
from server.reports.figures import INSPECTED, Share, objects_where
from server.reports.models import ReportRow, ReportSnapshot

FEWEST = 3
"""Objects with problems before anything is called common: two may be chance."""
COMMON = Fraction(1, 5)
"""Share of inspected objects with problems from which on a problem is common (普遍性问题)."""
RISING = Fraction(3, 2)
"""Times the share of the period before from which on a problem shows a tendency (倾向性问题)."""
LEAST_RATIO, STEP = 5, 5
"""A field is drawn at 5 % at least (R39); proposals are in steps of 5 %."""
WEIGHTS = {"A": 0, "B": 1, "C": 2, "D": 3}
"""How much a risk class counts in the risk index, which is the mean over the objects rated at both ends."""
EVERYTHING = ""


@dataclass(frozen=True)
class _Field:
    item_code: str
    tag: str


def warnings(session: Session, snapshot: ReportSnapshot, before: ReportSnapshot | None = None) -> Json:
    """Tell what is common, what has risen since an earlier snapshot, and how risk has changed, with proposals."""
    now = _shares(session, snapshot)
    then = _shares(session, before) if before is not None else {}
    found = []
    for field, share in sorted(now.items(), key=lambda each: (each[0].item_code, each[0].tag)):
        signs = list(_signs(share, then.get(field)))
        if signs:
            earlier = then[field].as_json() if field in then else None
            found.append(
                {
                    "item_code": field.item_code,
                    "item": snapshot.facts["items"].get(field.item_code),
                    "tag": field.tag or None,
                    "signs": signs,
                    "discovery": share.as_json(),
                    "before": earlier,
                    "proposal": _proposal(snapshot, field, share),
                }
            )
    return {"fields": found, "risk": _risk(snapshot)}


def _shares(session: Session, snapshot: ReportSnapshot) -> dict[_Field, Share]:
    """The share of inspected objects with problems, by item and tag, and by item alone."""
    query = (
        select(
            ReportRow.item_code,
            ReportRow.tags,
            objects_where(and_(INSPECTED, ReportRow.problem)),
            objects_where(INSPECTED),
        )
        .where(ReportRow.snapshot_id == snapshot.id)
        .group_by(ReportRow.item_code, ReportRow.tags)
    )
    parts: dict[_Field, int] = defaultdict(int)
    wholes: dict[_Field, int] = defaultdict(int)
    for item_code, tags, part, whole in session.execute(query):
        for tag in {EVERYTHING, *map(str, json.loads(tags))}:
            parts[_Field(item_code, tag)] += part
            wholes[_Field(item_code, tag)] += whole
    return {field: Share(parts[field], whole) for field, whole in wholes.items() if whole}


def _signs(share: Share, before: Share | None) -> Iterator[str]:
    if share.part < FEWEST:
        return
    rate = Fraction(share.part, share.whole)
    if rate >= COMMON:
        yield "common"
    if before is not None and before.whole and rate >= RISING * Fraction(before.part, before.whole):
        yield "rising"


def _proposal(snapshot: ReportSnapshot, field: _Field, share: Share) -> Json:
    """A row for the plan: drawn as often as problems were found there, from what the library holds."""
    library = snapshot.facts["library"]
    held = by_tag(library["tags"]).get(field.tag, 0) if field.tag else sum(library["kinds"].values())
    ratio = min(100, max(LEAST_RATIO, STEP * ceil(Fraction(100 * share.part, share.whole) / STEP)))
    item = snapshot.facts["items"].get(field.item_code) or field.item_code
    return {
        "name": f"{item}定向抽查" + (f"（{field.tag}）" if field.tag else ""),
        "sampling": ["targeted"],
        "item_codes": [field.item_code],
        "object_scope": f"标签：{field.tag}" if field.tag else "名录库全部对象",
        "objects": held,
        "ratio_text": f"≥{ratio}%",
        "basis": f"检查{share.whole}户，发现问题{share.part}户",
    }


def _risk(snapshot: ReportSnapshot) -> Json:
    risk = snapshot.facts["risk"]
    worse = [each for each in risk["changed"] if WEIGHTS.get(each[2], 0) > WEIGHTS.get(each[1], 0)]
    return {
        "rated": risk["rated"],
        "index_before": _index(risk["before"]),
        "index": _index(risk["after"]),
        "worse": [{"object_id": each[0], "before": each[1], "now": each[2]} for each in worse],
        "better": len(risk["changed"]) - len(worse),
        "proposal": _risk_proposal(len(worse)) if worse else None,
    }


def _index(tally: Mapping[str, int]) -> str | None:
    """The mean weight of the classes, with three decimals."""
    rated = sum(tally.values())
    if not rated:
        return None
    total = sum(WEIGHTS.get(each, 0) * count for each, count in tally.items())
    return str((Decimal(total) / rated).quantize(Decimal("0.001")))


def _risk_proposal(objects: int) -> Json:
    return {
        "name": "信用风险上升对象定向抽查",
        "sampling": ["targeted"],
        "object_scope": "本期信用风险等级上升的对象",
        "objects": objects,
        "ratio_text": "100%",
        "basis": f"{objects}户信用风险等级上升",
    }
