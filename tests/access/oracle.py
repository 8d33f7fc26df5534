"""The oracle: regions are a tree that is climbed, permissions a table that is read, and work is what one is on.

It shares the table of grants with the server, for that table is the rule; everything else it finds by itself.
"""

from server.access import GRANTS, Role

OWN_ONLY = {Role.INSPECTOR, Role.LEAD}

# A nation with its provinces, cities and counties: a municipality, counties without a city, and codes side by side.
PARENTS = {
    "000000": None,
    **dict.fromkeys(["110000", "130000", "140000", "460000"], "000000"),
    "110100": "110000",
    **dict.fromkeys(["110101", "110118"], "110100"),
    **dict.fromkeys(["130800", "139900"], "130000"),
    **dict.fromkeys(["130802", "130881"], "130800"),
    **dict.fromkeys(["140400", "140500"], "140000"),
    "140499": "140400",
    **dict.fromkeys(["140502", "140521", "140522", "140599"], "140500"),
    "469000": "460000",
    **dict.fromkeys(["469001", "469030"], "469000"),
}
STRANGE = ["", "none", "14052", "1405222", "14052x", "１４０５２２", "-40522", "~"]
"""What is no region: nobody there sees anything."""


def lies_in(region: str, above: str) -> bool:
    """Climb from a region until the other one is met, or the top."""
    place: str | None = region
    while place is not None:
        if place == above:
            return True
        place = PARENTS[place]
    return False


def roles_that(roles, permission):
    """The roles of somebody that grant a permission."""
    return {role for role in roles if permission in GRANTS[role]}


def allows(roles, region, permission, subject):
    """What becomes of an attempt: "ok", "denied" for want of a permission, "outside" one's jurisdiction."""
    if not roles_that(roles, permission):
        return "denied"
    return "ok" if lies_in(subject, region) else "outside"


def sees(person, permission, thing):
    """Whether a thing is on somebody's list; None: there is no list for them at all."""
    held = roles_that(person.roles, permission)
    if not held:
        return None
    if held - OWN_ONLY:
        return lies_in(thing.region, person.region)
    if thing.within_region_only:
        return lies_in(thing.region, person.region)
    return person.person_id in thing.people and (not thing.also_here or lies_in(thing.region, person.region))
