"""What a backup says of itself: a file without it is no backup."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from server.clock import iso

FORMAT, VERSION = "merestone-backup", 1
NAME = "manifest.json"
_MOMENT: Final = "%Y%m%dT%H%M%S%fZ"


class BackupError(Exception):
    """A backup can't be made or used; the message says why, Chinese first."""


@dataclass(frozen=True)
class BackupFile:
    """A file of a backup: SHA-256 in lower-case hex, size in bytes."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Manifest:
    """A finished backup. `seq` and `hash` are the newest entry of the audit log in it, `epoch` the one it was made in.

    `database` is `sqlite` or `postgresql`, `migration` its Alembic revision, `counts` rows by table. `media` is how
    many files the database names, `media_missing` how many of them the backup has not; None: media was left out.
    """

    name: str
    made_at: datetime
    database: str
    epoch: str
    seq: int
    hash: str
    migration: str
    server_key: str
    files: tuple[BackupFile, ...]
    counts: dict[str, int]
    media: int | None
    media_missing: int | None

    def as_bytes(self) -> bytes:
        """Write it."""
        body = {"format": FORMAT, "version": VERSION, **asdict(self), "made_at": iso(self.made_at)}
        return json.dumps(body, ensure_ascii=False, indent=1).encode()


def name_after(names: Iterable[str], made_at: datetime, seq: int) -> str:
    """Name a backup so that it sorts behind those that are there, even if the clock was set back since.

    The newest by name is the one that is brought back, and the one that is kept longest.
    """
    moments = [_moment_of(name) + timedelta(microseconds=1) for name in names]
    return f"{max([made_at, *moments]):{_MOMENT}}-{seq}"


def _moment_of(name: str) -> datetime:
    try:
        return datetime.strptime(name.partition("-")[0], _MOMENT).replace(tzinfo=UTC)
    except ValueError:  # a folder that somebody else has named
        return datetime.min.replace(tzinfo=UTC)


def read_manifest(data: bytes) -> Manifest:
    """Read what `as_bytes` wrote. Raises BackupError."""
    try:
        body = json.loads(data)
        if (body.pop("format"), body.pop("version")) != (FORMAT, VERSION):
            raise BackupError("不是本版本的备份 / not a backup of this version")
        files = tuple(BackupFile(**file) for file in body.pop("files"))
        made_at = datetime.fromisoformat(body.pop("made_at"))
        return Manifest(files=files, made_at=made_at, **body)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BackupError(f"备份清单无法读取 / the backup's manifest is unreadable: {error}") from error
