"""Every form in one line: which version is offered, how many there are, and which items it is inspected with."""

from collections import defaultdict
from itertools import groupby

from sqlalchemy.orm import Session

from server.access import Actor
from server.checklists.models import FormVersion
from server.checklists.versions import versions
from server.db import Json, JsonList
from server.registry import service as registry

OFFERED = "offered"
RETIRED = "retired"


def overview(session: Session, actor: Actor, state: str | None = None) -> JsonList:
    """List the forms, each with its versions, newest first; of one state only where one is named.

    A form is `offered` as long as one of its versions is, and `retired` after.
    """
    used = defaultdict(list)
    for item in registry.items(session):
        used[item.form_id].append({"code": item.code, "name": item.name})
    rows = groupby(versions(session, actor), key=lambda row: row.form_id)
    lines = [_line(form_id, list(its), used[form_id]) for form_id, its in rows]
    return [line for line in lines if state in {None, line["state"]}]


def _line(form_id: str, rows: list[FormVersion], items: JsonList) -> Json:
    offered = next((row for row in rows if row.retired_at is None), None)
    shown = offered or rows[0]
    return {
        "id": form_id,
        "title": shown.title,
        "version": offered.version if offered else None,
        "state": OFFERED if offered else RETIRED,
        "published_at": shown.published_at,
        "restricted": shown.restricted,
        "lists": shown.lists,
        "items": items,
        "versions": rows,
    }
