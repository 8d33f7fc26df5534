"""What is found outside the database: the store, the disk, and the place of the backups. Asked without a transaction."""

import logging
import shutil
import sys
from datetime import datetime, timedelta

from media import Store
from server.backups.making import is_on_the_same_disk
from server.backups.places import open_place
from server.health.findings import Finding, Level
from server.health.judging import judge_backup, judge_disk, judge_store
from server.settings import Settings

log = logging.getLogger("merestone.health")


def find_store(store: Store, settings: Settings) -> Finding:
    """Ask the store what it may still take."""
    kind = (
        ("对象存储", "S3") if settings.store_url.startswith("s3://") else ("本机磁盘", "this machine's disk")
    )
    try:
        free = store.free_space()
    except Exception:
        log.exception("the store does not answer")
        return Finding(
            "store",
            Level.BAD,
            (f"{kind[0]}，无法访问", f"{kind[1]}, not reached"),
            ("请检查存储服务和磁盘挂载。", "See whether the service runs and the disk is mounted."),
        )
    return judge_store(kind, None if free == sys.maxsize else free, settings.reserve_bytes)


def find_disk(settings: Settings) -> Finding:
    """Ask how full the disk of the data folder is."""
    usage = shutil.disk_usage(settings.data)
    return judge_disk(usage.free, usage.total)


def find_backup(settings: Settings, seq: int, now: datetime) -> Finding:
    """Read the newest manifest where the worker makes backups; `seq`: the newest entry of the log."""
    if not settings.backup_to:
        return Finding(
            "backup",
            Level.OFF,
            ("后台程序不做备份", "the worker makes none"),
            (
                "如未另行备份，请设置 MERESTONE_BACKUP_TO，见 docs/restore.md。",
                "Unless they are made in another way, set MERESTONE_BACKUP_TO, see docs/restore.md.",
            ),
        )
    try:
        place = open_place(settings.backup_to, settings.data)
        newest, beside = place.newest(), is_on_the_same_disk(settings, place)
    except Exception:
        log.exception("the place of the backups does not answer")
        return Finding(
            "backup",
            Level.BAD,
            ("备份位置无法访问或清单损坏", "the place is not reached, or its newest manifest is damaged"),
            ("请检查备份位置。", "Look at the place of the backups."),
        )
    return judge_backup(newest, seq, timedelta(minutes=settings.backup_minutes), now, beside=beside)
