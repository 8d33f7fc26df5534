"""What each field of the open data means, and the rows of what was drawn."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from server.db import Json
from server.noticeboard.draws import read_draw
from server.publicity.files import COLUMNS

DRAWN_FIELDS: Mapping[str, str] = {
    "place": "Place in the draw",
    "name": "Inspected object",
    "code": "Credit code",
    "stratum": "Stratum",
    "people": "Inspectors (certificate hashes)",
}
_MEANINGS: Mapping[str, str] = {
    "id": "Names this publication; stays the same for ever",
    "state": "public, corrected or withdrawn",
    "published_at": "When it was made public (UTC)",
    "changed_at": "When it last changed (UTC); files come in this order",
    "task_no": "Number of the visit",
    "task_name": "Name of the visit",
    "plan_name": "Annual plan it is part of",
    "draw_no": "Draw that chose it",
    "organisation": "Bureau that inspected",
    "region": "Division code (GB/T 2260)",
    "region_name": "Name of the division",
    "object_name": "Who or what was inspected",
    "object_kind": "enterprise, project, product or act",
    "uscc": "Unified social credit code (GB 32100); empty where there is none",
    "item_code": "Code of the matter in the item list",
    "item_name": "Name of the matter",
    "inspected_on": "Day of inspection",
    "result_codes": "Codes of the result",
    "result": "The result in words",
    "followup_codes": "Codes of what follows",
    "followup": "What follows, in words",
    "version": "Counts corrections, from 1",
    "closed_on": "Day on which nothing was left to be done",
    "objection": "An objection that stands, if any",
    "reason": "Why it was corrected or withdrawn",
}


def result_fields() -> list[tuple[str, str, str]]:
    """List the fields of the results: name in JSON, heading in CSV, meaning."""
    return [(name, heading, _MEANINGS[name]) for name, heading in COLUMNS.items()]


def drawn_rows(session: Session, ceremony_id: UUID) -> list[Json]:
    """Write what a draw drew as rows; CeremonyNotFound."""
    return [
        {
            "place": place,
            "name": each.name,
            "code": each.code,
            "stratum": each.stratum,
            "people": [person for people in each.teams.values() for person in people],
        }
        for place, each in enumerate(read_draw(session, ceremony_id).drawn, 1)
    ]
