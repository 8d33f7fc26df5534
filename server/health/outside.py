"""What is found outside the database: the store, the disk, and the place of the backups. Asked without a transaction."""

import logging
import shutil
import sys
from datetime import datetime, timedelta

from sqlalchemy import select

from media import Store, StoreError
from server.backups.making import is_on_the_same_disk
from server.backups.places import open_place
from server.db import Sessions
from server.documents.models import CaseFile
from server.evidence import losing
from server.health.findings import Finding, Level
from server.health.judging import judge_backup, judge_disk, judge_originals, judge_store
from server.reports.models import ReportFile
from server.settings import Settings

#: A count of lost originals ends here.
MOST = 1000

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


def find_originals(store: Store, readers: Sessions) -> Finding:
    """Tell how many originals are lost; and ask the store for a few, from all over it."""
    with readers.begin() as session:
        samples = losing.samples(session)
        lost = losing.lost_now(session, MOST)
        made = [  # by the worker, who makes them anew
            *session.scalars(select(CaseFile.file_sha256).where(CaseFile.file_sha256.in_(lost))),
            *session.scalars(select(ReportFile.order_sha256).where(ReportFile.order_sha256.in_(lost))),
        ]
    try:
        is_away = losing.seems_away(store, samples)
    except StoreError:  # which is told of the store
        is_away = False
    return judge_originals(len(set(lost).difference(made)), MOST, is_away=is_away)


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
