"""What changed from one published version to the next: old beside new, field by field."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ADDED, REMOVED, CHANGED = "added", "removed", "changed"


@dataclass(frozen=True)
class Difference:
    """One field that says something else now; the field by the name of its label."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """What became of one entry: added, removed, or changed in some fields."""

    kind: str
    name: str
    differences: tuple[Difference, ...] = ()


def compare(
    before: Sequence[Mapping[str, Any]],
    after: Sequence[Mapping[str, Any]],
    key: str,
    labels: Mapping[str, str],
) -> list[Change]:
    """Compare two versions' entries, told apart by `key` and called by their `name`, in the fields of `labels` only."""
    old, new = ({str(each[key]): each for each in side} for side in (before, after))
    changes = [Change(ADDED, each["name"]) for place, each in new.items() if place not in old]
    changes += [Change(REMOVED, each["name"]) for place, each in old.items() if place not in new]
    for place, each in new.items():
        if place not in old:
            continue
        differences = tuple(
            Difference(label, written(old[place].get(name)), written(each.get(name)))
            for name, label in labels.items()
            if written(old[place].get(name)) != written(each.get(name))
        )
        if differences:
            changes.append(Change(CHANGED, each["name"], differences))
    return changes


def written(value: object) -> str:
    """Write a value of a published document as its readers see it."""
    if value is None:
        return ""
    return "；".join(map(str, value)) if isinstance(value, list) else str(value)
