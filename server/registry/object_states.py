"""What an import changes of an object, as plain JSON: its row, and one of its licences with the markers."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.db import Json
from server.registry.licences import markers_of
from server.registry.models import InspectedObject, Licence
from server.registry.states import row_as_json, row_with_its_end


def object_state(session: Session, found: InspectedObject | None, licence_no: str | None) -> Json:
    """Write an object, where there is one, and a licence, where a number is given: None where it is not entered."""
    state: Json = {"object": row_as_json(found)} if found else {}
    if licence_no:
        licence = session.scalar(select(Licence).where(Licence.licence_no == licence_no))
        state["licence_no"] = licence_no
        state["licence"] = row_with_its_end(licence) if licence else None
        markers = markers_of(session, [licence.id]) if licence else []
        state["markers"] = [row_as_json(marker) for marker in markers]
    return state
