"""Bringing single originals back that the store has lost, from where the worker makes its backups."""

from dataclasses import dataclass, field

from media import Store, StoredObject, StoreError, StoreUnavailable
from server.backups.objects import copy_object
from server.backups.places import Place, open_place
from server.settings import Settings


@dataclass
class BackedUp:
    """The place of the worker's backups, opened when it is asked for the first time."""

    settings: Settings
    store: Store
    _place: Place | None = field(default=None, init=False)

    def bring_back(self, wanted: StoredObject) -> None:
        """Copy an original into the store. Raises as `copy_object`, and `StoreUnavailable` when the place is away.

        A place without a single backup is another one, or its disk is not mounted: it can't say that it lacks a file.
        """
        try:
            self._place = self._place or open_place(self.settings.backup_to, self.settings.data)
            if not self._place.names():
                raise StoreUnavailable(f"there is no backup in {self._place.description}")
            copy_object(self._place.store, self.store, wanted)
        except StoreError:
            raise
        except OSError as error:
            raise StoreUnavailable(str(error)) from error
