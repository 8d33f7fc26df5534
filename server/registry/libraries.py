"""Which libraries are kept, who keeps them, and how each is read from a workbook and written into one."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from server.access import Actor, Permission
from server.registry import (
    expert_importing,
    exporting_objects,
    exporting_people,
    importing,
    inspector_importing,
    item_importing,
)
from server.registry.import_report import ImportReport
from server.registry.item_list import offer_items
from server.registry.models import Library
from server.registry.states import Entered
from server.workbook import Sheet, SheetDraft


def _nothing(_session: Session, _actor: Actor) -> None:
    """Nothing is left to do."""


def _nothing_known(_session: Session, _actor: Actor, _rows: Sequence[Any]) -> None:
    """Each row looks for itself."""


@dataclass(frozen=True)
class Keeping:
    """How a library is kept.

    `write` is who enters, `see` who takes it away. `ask` gives what `read` needs of the database; `read`, which takes
    its time and needs none, gives (row number, what stands there) and notes what is wrong. `look_up` finds what is there already of several of them, and `enter` enters one, given that. `finish` is
    called when all of a transaction are entered. `sheets` writes the entries of a jurisdiction, or of one region in it.
    """

    write: Permission
    see: Permission
    ask: Callable[[Session, Actor], Any]
    read: Callable[[Sequence[Sheet], Any, ImportReport], list[tuple[int, Any]]]
    enter: Callable[[Session, Actor, Any, Any], Entered]
    sheets: Callable[[Session, Actor, str | None], Iterator[SheetDraft]]
    look_up: Callable[[Session, Actor, Sequence[Any]], Any] = _nothing_known
    finish: Callable[[Session, Actor], None] = _nothing


KEEPINGS = {
    Library.ITEMS: Keeping(
        Permission.LIST_WRITE,
        Permission.LIST_READ,
        _nothing,
        item_importing.read,
        item_importing.enter,
        exporting_people.item_sheets,
        finish=offer_items,
    ),
    Library.OBJECTS: Keeping(
        Permission.OBJECT_WRITE,
        Permission.OBJECT_WRITE,
        importing.ask,
        importing.read,
        importing.enter,
        exporting_objects.object_sheets,
        importing.look_up,
    ),
    Library.INSPECTORS: Keeping(
        Permission.PERSON_MANAGE,
        Permission.PERSON_MANAGE,
        inspector_importing.ask,
        inspector_importing.read,
        inspector_importing.enter,
        exporting_people.inspector_sheets,
    ),
    Library.EXPERTS: Keeping(
        Permission.LIST_WRITE,
        Permission.LIST_WRITE,
        expert_importing.ask,
        expert_importing.read,
        expert_importing.enter,
        exporting_people.expert_sheets,
    ),
}
