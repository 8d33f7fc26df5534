"""An inspected object as phones and the console see it: licences as GeoJSON, markers, elevations."""

from collections import defaultdict
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server.db import Json
from server.registry.licence_views import licence_as_json
from server.registry.licences import licences_of, markers_of
from server.registry.models import BoundaryMarker, InspectedObject


def object_view(session: Session, ids: Collection[UUID], *, with_ended: bool = False) -> dict[UUID, Json]:
    """Return the body of each object, in three queries however many there are; licences that ended only when asked for.

    Each licence carries `boundary` (a GeoJSON Feature, longitude first), its corners in the grid (`epsg`,
    `rings`, metres) and `markers` (a GeoJSON FeatureCollection).
    """
    objects = session.scalars(select(InspectedObject).where(InspectedObject.id.in_(ids))).all()
    licences = [each for each in licences_of(session, ids) if with_ended or each.ended_on is None]
    markers: dict[UUID, list[BoundaryMarker]] = defaultdict(list)
    for marker in markers_of(session, [licence.id for licence in licences]):
        markers[marker.licence_id].append(marker)
    held: dict[UUID, list[Json]] = defaultdict(list)
    for licence in licences:
        held[licence.object_id].append(licence_as_json(licence, markers[licence.id]))
    return {each.id: {**_object_as_json(each), "licences": held[each.id]} for each in objects}


def _object_as_json(found: InspectedObject) -> Json:
    plain = (
        "region kind name uscc uscc_valid registration_no address legal_representative phone risk_class"
        " tags latitude longitude active"
    )
    return {
        "id": str(found.id),
        "organisation_id": str(found.organisation_id),
        **{name: getattr(found, name) for name in plain.split()},
    }
