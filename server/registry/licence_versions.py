"""What licences and their markers said before: each change is a version of its own, with its source and its day."""

from datetime import date
from types import SimpleNamespace
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from server import clock
from server.access import Actor
from server.db import Json
from server.problems import LicenceVersionUnsound
from server.registry.licence_views import licence_as_json, markers_as_geojson
from server.registry.models import BoundaryMarker, Licence, LicencePart, LicenceVersion
from server.registry.states import row_as_json


def note_version(
    session: Session,
    actor: Actor,
    licence: Licence,
    state: Json,
    former: Json | None,
    *,
    since: date | None = None,
    source: str = "",
) -> LicenceVersion:
    """Keep how a licence or its markers (`state` has them) stand from a day on.

    `former` is what stood there before, kept as the first version where nobody kept it when it came. Without a day it
    counts from today, the first one from the day the licence begins. LicenceVersionUnsound where a day that was given
    lies ahead, or before that of the version in force.
    """
    part = LicencePart.MARKERS if "markers" in state else LicencePart.LICENCE
    newest = _newest(session, licence, part)
    if newest is None and former:
        newest = LicenceVersion(
            licence_id=licence.id,
            part=part,
            number=1,
            source="",
            state=former,
            entered_at=None,
            entered_by="",
        )
        newest.since = licence.valid_from if part is LicencePart.MARKERS else _day(former["valid_from"])
        session.add(newest)
        session.flush()
    _check_day(newest, since)
    version = LicenceVersion(
        licence_id=licence.id,
        part=part,
        number=newest.number + 1 if newest else 1,
        since=since or (clock.today() if newest else licence.valid_from),
        source=source,
        state=state,
        entered_at=clock.now(),
        entered_by=actor.name,
    )
    session.add(version)
    session.flush()
    return version


def versions_of(session: Session, licence: Licence, markers: list[BoundaryMarker]) -> list[Json]:
    """Tell the versions of a licence and of its markers, the newest first, each with the day its successor begins.

    `licence` is what it said with its boundary, `markers` where they stood, each only of its own part.
    """
    query = select(LicenceVersion).where(LicenceVersion.licence_id == licence.id)
    kept = list(session.scalars(query.order_by(LicenceVersion.number.desc())))
    told: list[Json] = []
    for part in LicencePart:
        versions = [each for each in kept if each.part == part] or _unkept(licence, markers, part)
        until: date | None = None
        for each in versions:
            told.append(_told(each, until))
            until = each.since
    return told


def forget_versions(session: Session, licence: Licence) -> None:
    """Forget the versions of a licence that an import entered and that is taken back with it."""
    session.execute(delete(LicenceVersion).where(LicenceVersion.licence_id == licence.id))


def markers_state(markers: list[BoundaryMarker]) -> Json:
    """Write markers as a version keeps them."""
    return {"markers": [row_as_json(each) for each in sorted(markers, key=lambda each: each.marker_no)]}


def _newest(session: Session, licence: Licence, part: LicencePart) -> LicenceVersion | None:
    query = select(LicenceVersion).where(
        LicenceVersion.licence_id == licence.id, LicenceVersion.part == part.value
    )
    return session.scalars(query.order_by(LicenceVersion.number.desc()).limit(1)).first()


def _check_day(newest: LicenceVersion | None, since: date | None) -> None:
    if since is None:
        return
    if since > clock.today():
        raise LicenceVersionUnsound("起始日期晚于今天", "it begins after today")
    if newest and newest.since and since < newest.since:
        raise LicenceVersionUnsound(
            f"起始日期早于现行版本（{newest.since}）",
            f"it begins before the version in force ({newest.since})",
        )


def _unkept(licence: Licence, markers: list[BoundaryMarker], part: LicencePart) -> list[LicenceVersion]:
    """Take what stands there as the first version, of a licence that nobody changed since versions are kept."""
    if part is LicencePart.MARKERS and not markers:
        return []
    state = markers_state(markers) if part is LicencePart.MARKERS else row_as_json(licence)
    first = LicenceVersion(part=part, number=1, source="", state=state, entered_at=None, entered_by="")
    first.since = licence.valid_from
    return [first]


def _told(version: LicenceVersion, until: date | None) -> Json:
    told: dict[str, Any] = {
        name: getattr(version, name)
        for name in ("part", "number", "since", "source", "entered_at", "entered_by")
    }
    told["until"] = until
    if version.part == LicencePart.MARKERS:
        told["markers"] = markers_as_geojson([_as_row(state) for state in version.state["markers"]])
    else:
        told["licence"] = licence_as_json(_as_row(version.state), [])
    return told


def _as_row(state: Json) -> Any:
    """Give a state the attributes of the row that it was."""
    without_days = {name: value for name, value in state.items() if name not in _DAYS}
    days = {name: _day(state.get(name)) for name in _DAYS}
    return SimpleNamespace(**({"ended_because": None} | without_days | days))


_DAYS = ("valid_from", "valid_to", "ended_on")


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if value else None
