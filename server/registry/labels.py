"""Labels of objects (监管标签): one controlled list, so that everybody means the same by a word (标注统一).

While no label is kept, objects carry any. From the first label on only those that are kept, or another spelling of
one, which is then written as the label is.
"""

from collections.abc import Collection, Mapping

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit
from server.access import Actor, Permission, require
from server.problems import LabelUnknown
from server.registry.models import Label


def labels(session: Session) -> list[Label]:
    """Return every label, also those no longer given."""
    return list(session.scalars(select(Label).order_by(Label.group, Label.name)))


def enter_label(
    session: Session, actor: Actor, name: str, group: str, aliases: Collection[str], *, active: bool = True
) -> Label:
    """Enter a label, or change its group and its other spellings; one that is not active is given no more."""
    require(actor, Permission.LIST_WRITE)
    label = session.get(Label, name) or Label(name=name)
    label.group, label.aliases, label.active = group, sorted(set(aliases)), active
    session.add(label)
    session.flush()
    details = {"group": group, "aliases": label.aliases, "active": active}
    audit.append(session, actor, "label.entered", ("label", name), details)
    return label


def spellings_of_labels(session: Session) -> dict[str, str]:
    """Return the label that each spelling means; empty while no label is kept."""
    found: dict[str, str] = {}
    for label in labels(session):
        if label.active:
            found |= dict.fromkeys([label.name, *label.aliases], label.name)
    return found


def labels_meant(tags: Collection[str], spellings: Mapping[str, str]) -> tuple[str, ...]:
    """Return the labels that words mean, each once; LabelUnknown names those that mean none."""
    if not spellings:
        return tuple(dict.fromkeys(tags))
    if unknown := [tag for tag in tags if tag not in spellings]:
        raise LabelUnknown("、".join(unknown), ", ".join(unknown))
    return tuple(dict.fromkeys(spellings[tag] for tag in tags))
