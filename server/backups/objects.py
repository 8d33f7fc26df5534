"""Copying media from one store to another: what is lacking, once, with its hash checked by the one that takes it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from uuid import uuid4

from media import DigestMismatch, ObjectUnknown, Store, StoredObject, StoreError
from server.backups.sqlite_copy import Told
from server.evidence.losing import is_whole
from server.evidence.patrol import SHELVES, ListedStore

#: After so many refusals in a row it is the store that is away.
_PATIENCE = 10


@dataclass
class Copied:
    """How much was there already, the SHA-256 of what was copied, and of what could not be, with why.

    `lost`: those of them that the source has not, or no longer as they were.
    """

    present: int = 0
    copied: list[str] = field(default_factory=list)
    size: int = 0
    failed: dict[str, str] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    refused_in_a_row: int = 0


def copy_objects(
    source: Store,
    target: ListedStore,
    wanted: Iterable[StoredObject],
    told: Told,
    settle: Callable[[list[str]], None] = lambda _: None,
) -> Copied:
    """Copy the objects that the target lacks; `wanted` is sorted by hash.

    A shelf at a time: it is listed once, and `settle` hears which of its objects the target has by now. One that
    fails does not hold up the others. Raises StoreUnavailable when it is not the object that fails, but the store.
    """
    done = Copied()
    for shelf, objects in groupby(wanted, key=lambda each: each.sha256[:2]):
        there = {each.sha256: each.size for each in target.objects(shelf)}
        held = [each.sha256 for each in objects if _is_there(source, target, each, there, done)]
        settle(held)
        told(f"媒体 media: {shelf}/ff, {done.present} + {len(done.copied)}")
    return done


def copy_object(source: Store, target: Store, wanted: StoredObject) -> None:
    """Copy one object. Raises StoreError: the source lacks it, or its bytes are no longer those of its name."""
    name = f"copy-{uuid4().hex}"
    progress = target.begin(name, wanted.size, wanted.sha256)
    try:
        with source.open(wanted.sha256) as reading, target.write(name, progress) as writing:
            try:
                for piece in reading:
                    writing.write(piece)
                writing.finish(wanted.sha256)
            finally:
                progress = writing.progress
    finally:
        target.discard(name, progress)


def _is_there(
    source: Store, target: ListedStore, wanted: StoredObject, there: dict[str, int], done: Copied
) -> bool:
    size = there.get(wanted.sha256)
    if size == wanted.size:
        done.present += 1
        return True
    try:
        if size is not None:  # damaged: it would keep the right bytes out
            target.set_aside(wanted.sha256)
        copy_object(source, target, wanted)
    except (ObjectUnknown, DigestMismatch) as error:
        done.failed[wanted.sha256] = f"{type(error).__name__}: {error}"
        done.lost.add(wanted.sha256)
        return False
    except StoreError as error:
        done.failed[wanted.sha256] = f"{type(error).__name__}: {error}"
        done.refused_in_a_row += 1
        if done.refused_in_a_row > _PATIENCE:
            raise
        return False
    done.refused_in_a_row = 0
    done.copied.append(wanted.sha256)
    done.size += wanted.size
    return True


def set_damaged_aside(store: ListedStore) -> Iterator[str]:
    """Read every object of a store; name those whose bytes are not what their names say, and make room for the right ones.

    What can't be read just now is named, too, and stays where it is.
    """
    for shelf in SHELVES:
        for each in list(store.objects(shelf)):
            try:
                if is_whole(store, each):
                    continue
                store.set_aside(each.sha256)
            except StoreError:
                pass
            yield each.sha256
