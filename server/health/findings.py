"""What is found of one part of the installation: a colour, what it means, and what to do. Words stand beside every colour."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

Words = tuple[str, str]
"""Chinese, English."""


class Level(StrEnum):
    """How a part does; `off`: nobody asked for it."""

    GOOD = "good"
    MIND = "mind"
    BAD = "bad"
    OFF = "off"


@dataclass(frozen=True)
class Finding:
    """One part as it was found; `at`: since when, or when last."""

    part: str
    level: Level
    told: Words
    advice: Words | None = None
    at: datetime | None = None


#: What each part is called, in the order of the page.
PARTS: dict[str, Words] = {
    "database": ("数据库", "Database"),
    "store": ("影像存储", "Object store"),
    "originals": ("影像原件", "Originals"),
    "disk": ("数据盘", "Disk of the data folder"),
    "worker": ("后台程序", "Worker"),
    "jobs": ("后台任务", "Jobs"),
    "backup": ("备份", "Backups"),
    "second_copy": ("第二份副本", "Second copy"),
    "root": ("日志树根", "Signed root of the log"),
    "stamp": ("时间戳", "Time-stamp"),
}


def in_bytes(count: int) -> str:
    """Write how large something is: `12.3 GB`."""
    size = float(count)
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} GB" if size < 1000 else f"{size / 1000:.1f} TB"
