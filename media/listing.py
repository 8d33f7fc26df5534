"""What a store can do beside the contract of `Store`: tell what it holds, and forget what nobody can ask for.

Nothing here forgets an object: they are evidence, whether anybody remembers them or not.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Protocol, runtime_checkable

from media.store import StoredObject


@runtime_checkable
class Listing(Protocol):
    """A store that can be looked through, one shelf after the other.

    A shelf is two hexadecimal digits in lower case, and holds the objects whose hashes begin with them.
    Whatever else lies in its folders is neither told nor touched. Moments are aware. Any method may raise `StoreUnavailable`, an iterator at any of its steps.
    """

    def stale_uploads(self, before: datetime) -> Iterator[str]:
        """Ids of uploads whose bytes last changed before a moment, in no order."""

    def forget_upload(self, upload_id: str) -> None:
        """Forget all that is there of an upload that nobody goes on with; no error when there is nothing."""

    def objects(self, shelf: str) -> Iterator[StoredObject]:
        """The objects of a shelf, in no order; one that comes meanwhile may be missed."""

    def set_aside(self, sha256: str) -> None:
        """Give what lies under an object's name another one below `damaged/`, where nobody looks for it; nothing is lost.

        For bytes that are not those of the name: they would keep the right ones from coming back. No error when there
        are none.
        """

    def discard_orphans(self, shelf: str, before: datetime) -> int:
        """Forget the derivatives of a shelf that were last written before a moment and have no object.

        What a crash left of writing one goes too. Returns how many were forgotten.
        """
