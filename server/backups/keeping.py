"""What the worker does for second copies by itself: backups when they are due, and following a standby or an archive."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from server import audit, clock
from server.backups.following import Following
from server.backups.making import Original, make_backup
from server.backups.manifest import BackupError, Manifest
from server.backups.places import Place, open_place
from server.db import Sessions

log = logging.getLogger("merestone.backups")

#: A standby is asked so often at most.
_FOLLOW_EVERY: Final = timedelta(seconds=5)
#: After a backup that failed.
_RETRY: Final = timedelta(minutes=5)


@dataclass
class Keeping:
    """Keeps second copies of one installation. Slow: it needs a thread of its own."""

    original: Original
    readers: Sessions
    _place: Place | None = field(default=None, init=False)
    _backup_at: datetime | None = field(default=None, init=False)
    _follow_at: datetime | None = field(default=None, init=False)
    _following: Following | None = field(default=None, init=False)

    @property
    def has_duties(self) -> bool:
        """Whether the settings ask for anything of this."""
        settings = self.original.settings
        return bool(settings.backup_to) or settings.second_copy in {"standby", "archive"}

    def work(self) -> bool:
        """Do what is due; never more to do at once. What fails is logged, and tried again later."""
        for duty in (self._follow, self._back_up):
            try:
                duty()
            except Exception:
                log.exception("second copy failed", extra={"part": duty.__name__})
        return False

    def _follow(self) -> None:
        settings = self.original.settings
        if settings.second_copy not in {"standby", "archive"} or not self._is_due(self._follow_at):
            return
        self._follow_at = clock.now() + _FOLLOW_EVERY
        if self._following is None:
            self._following = Following(
                self.original.installation, settings.second_copy, settings.standby_name
            )
        with self.readers() as session:
            self._following.refresh(session)

    def _back_up(self) -> None:
        settings = self.original.settings
        if not settings.backup_to or not self._is_due(self._backup_at):
            return
        self._backup_at = clock.now() + _RETRY
        self._place = self._place or open_place(settings.backup_to, settings.data)
        every = timedelta(minutes=settings.backup_minutes)
        newest = self._newest(self._place)
        if newest is None or (_is_old(newest, every) and self._has_changed(newest)):
            finished = make_backup(self.original, self._place, log.debug, keep=settings.backup_keep)
            if finished is None:
                return  # another worker is at it
            for sha256, why in finished.failed.items():
                log.error("the backup lacks a file", extra={"sha256": sha256, "why": why})
            newest = finished.manifest
            log.info("backup finished", extra={"backup": newest.name, "seq": newest.seq})
        self._backup_at = min(max(newest.made_at, clock.now() - every), clock.now()) + every

    def _has_changed(self, newest: Manifest) -> bool:
        """Say whether the newest backup is not of this very moment: in an epoch that began since, nothing is durable."""
        with self.readers() as session:
            head = audit.head(session)
        return (*head, self.original.installation.epoch) != (newest.seq, newest.hash, newest.epoch)

    @staticmethod
    def _newest(place: Place) -> Manifest | None:
        try:
            return place.newest()
        except BackupError:
            log.exception("the newest backup is damaged: another is made")
            return None

    @staticmethod
    def _is_due(at: datetime | None) -> bool:
        return at is None or at <= clock.now()


def _is_old(newest: Manifest, every: timedelta) -> bool:
    """Say whether the next backup is due; a clock that was set back since must not keep it waiting until it caught up."""
    return not timedelta(0) <= clock.now() - newest.made_at < every
