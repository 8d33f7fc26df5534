"""What is said about an item, a claim or a responsibility before it is entered."""

from dataclasses import dataclass
from datetime import date

from server.registry.models import ItemKind


@dataclass(frozen=True)
class ItemDraft:
    """An inspection item to enter, with the elements of the list; see InspectionItem. Empty is left open.

    `given` are the names of what was said of it, None: everything; the rest stays as it is of an item that is known.
    """

    code: str
    name: str
    form_id: str = ""
    basis: str = ""
    content: str = ""
    aliases: tuple[str, ...] = ()
    category: str = ""
    sub_item: str = ""
    matter_no: str = ""
    subject: str = ""
    object_scope: str = ""
    object_kinds: tuple[str, ...] = ()
    standard: str = ""
    modes: tuple[str, ...] = ()
    kind: str = ItemKind.GENERAL.value
    ratio: str = ""
    frequency: str = ""
    inspector_requirement: str = ""
    section: str = ""
    lead_department: str = ""
    departments: tuple[str, ...] = ()
    remark: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    basis_from: date | None = None
    basis_to: date | None = None
    given: frozenset[str] | None = None


@dataclass(frozen=True)
class ClaimDraft:
    """What a bureau says itself of an item that it claims; empty is as the item says."""

    subject: str = ""
    section: str = ""
    ratio: str = ""
    frequency: str = ""
    remark: str = ""


@dataclass(frozen=True)
class ResponsibilityDraft:
    """A line of the multi-department responsibility list; its name tells it apart within the bureau."""

    name: str
    basis: str
    lead: str
    cooperating: tuple[str, ...] = ()
    item_codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class VersionDraft:
    """A version of a list to prepare: why it is adjusted, and from which day it shall be the list."""

    reason: str
    effective_on: date
