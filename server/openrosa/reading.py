"""What an instance says of itself before anything is judged: its ids, its task, its files, when it was finished."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, datetime
from functools import lru_cache
from typing import Final
from uuid import UUID, uuid5

from lxml import etree

from forms import Form, Instance, UnreadableInstance, parse_instance
from forms.instance import is_template
from forms.safe_xml import local_name

NO_ID: Final = "instance.no-id"
_NAMES: Final = UUID("4f7a2a52-4d2b-4f6b-9d6b-0f3d7f6f9a11")
_LONGEST_ID: Final = 255
_AUDIT: Final = "audit"


class Unusable(Exception):
    """XML of which nothing can be made; `code` is a stable `noun.reason`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class ReadInstance:
    """An instance that can be read. `bases`: the instances of which it replaces one, if it names any."""

    instance: Instance
    instance_id: str
    bases: tuple[str, ...]

    @property
    def form(self) -> tuple[str, str]:
        """The form and its version, neither of them blank."""
        return self.instance.form_id or "?", self.instance.version or "?"

    @property
    def is_edit(self) -> bool:
        """Whether it is an edit of what is still on the phone, which is of the same form."""
        return self.instance.deprecated_id is not None


def read(xml: bytes) -> ReadInstance:
    """Read an instance. Raises Unusable for what is no XML, is cut, or has no `instanceID`."""
    try:
        instance = parse_instance(xml)
    except UnreadableInstance as error:
        raise Unusable(error.reason_code) from error
    instance_id = instance.instance_id
    if not instance_id or len(instance_id) > _LONGEST_ID:
        raise Unusable(NO_ID)
    # An edit of what is still on the phone, or a fresh record in place of what was returned and is there no more.
    named = (
        [instance.deprecated_id] if instance.deprecated_id else _texts_of(instance.root, "returned_instance")
    )
    return ReadInstance(instance, instance_id, tuple(each for each in named if len(each) <= _LONGEST_ID))


def record_of(instance_id: str, person_id: UUID) -> UUID:
    """Name the record that an instance begins: by its own UUID, or by one that is made of what else it is called."""
    try:
        return UUID(instance_id.removeprefix("uuid:"))
    except ValueError:
        return uuid5(_NAMES, f"{person_id} {instance_id}")


def task_of(instance: Instance) -> UUID | None:
    """Tell the task that an instance names: in `task_ref`, or as the entity of the list `tasks` that it updates."""
    named = _text_of(instance.root, "task_ref")
    for element in instance.root.iter("{*}entity"):
        if not named and element.get("dataset") == "tasks":
            named = element.get("id")
    try:
        return UUID(named) if named else None
    except ValueError:
        return None


def files_of(instance: Instance, form: Form | None) -> list[str] | None:
    """List the names of the files that an instance names, each once; None where its form is not known."""
    if form is None:
        return None
    names: dict[str, None] = {}
    _gather(instance.root, f"/{instance.root_name}", _media_paths(form), names)
    if audit := instance.meta.get(_AUDIT):
        names[audit] = None
    return list(names)


@lru_cache(maxsize=64)
def _media_paths(form: Form) -> frozenset[str]:
    """The paths of a form's questions that are answered with a file, and of everything above them."""
    paths: set[str] = set()
    for question in form.questions():
        if question.is_media:
            steps = question.path.split("/")
            paths.update("/".join(steps[:end]) for end in range(2, len(steps) + 1))
    return frozenset(paths)


def _gather(element: etree._Element, path: str, wanted: frozenset[str], names: dict[str, None]) -> None:
    """Walk to the answers that name files, and nowhere else: forms have hundreds of others."""
    for child in element:
        child_path = f"{path}/{local_name(child)}"
        if child_path not in wanted or is_template(child):
            continue
        if len(child):
            _gather(child, child_path, wanted, names)
        elif text := (child.text or "").strip():
            names[text] = None


def finished_at(instance: Instance) -> datetime | None:
    """Tell when the phone says that an instance was finished, by its own clock."""
    for element in instance.root:
        if isinstance(element.tag, str) and etree.QName(element).localname == "end":
            try:
                moment = datetime.fromisoformat((element.text or "").strip())
            except ValueError:
                return None
            # Next to the ends of the calendar there is no such moment in other zones.
            return moment if moment.tzinfo is not None and MINYEAR < moment.year < MAXYEAR else None
    return None


def hash_of(xml: bytes) -> str:
    """Name exact bytes: SHA-256 in lower-case hex."""
    return hashlib.sha256(xml).hexdigest()


def _texts_of(root: etree._Element, name: str) -> list[str]:
    return (_text_of(root, name) or "").split()


def _text_of(root: etree._Element, name: str) -> str | None:
    """Return the first text under an element of a name, wherever it stands."""
    return next((text for element in _named(root, name) if (text := (element.text or "").strip())), None)


def _named(root: etree._Element, name: str) -> Iterator[etree._Element]:
    yield from root.iter("{*}" + name)
