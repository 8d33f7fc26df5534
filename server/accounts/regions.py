"""Regions: what lies in what, and the channel that everybody of a region listens to."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit
from server.accounts.models import Region
from server.audit import Acting
from server.problems import RegionNotFound, RegionWithinItself


def channel_of(code: str) -> str:
    """Name the channel of a region: for its own people and those of every region that lies in it."""
    return f"region:{code}"


def move_region(session: Session, actor: Acting, code: str, parent: str | None) -> Region:
    """Let a region lie in another one, or in none. Its people change channels at their next pull.

    Jurisdiction is not touched: it follows from the codes.
    """
    # All of them, so that two moves at once cannot make a circle.
    regions = {
        each.code: each for each in session.scalars(select(Region).order_by(Region.code).with_for_update())
    }
    region = regions.get(code)
    if region is None or (parent is not None and parent not in regions):
        raise RegionNotFound(code if region is None else parent or "")
    above = parent
    while above is not None:
        if above == code:
            raise RegionWithinItself()
        above = regions[above].parent
    before, region.parent = region.parent, parent
    session.flush()
    audit.append(session, actor, "region.moved", ("region", code), {"from": before, "to": parent})
    return region
