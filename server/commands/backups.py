"""`merestone backup`, `backups`, `restore`: second copies by hand, or by a timer. Runbook: docs/restore.md."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click
from sqlalchemy.exc import DBAPIError

from media import StoreError, StoreUrlError
from server.backups.making import copy_keys, is_on_the_same_disk, make_backup, opened_original
from server.backups.manifest import NAME, BackupError, Manifest
from server.backups.objects import set_damaged_aside
from server.backups.places import Place, open_place
from server.backups.restoring import Restored
from server.backups.restoring import restore as bring_back
from server.starting import read_settings
from sync import BadGuard

_ANOTHER_EPOCH = (
    "请把原文件放回去；找不到时启动一次 merestone serve 或 worker：新时期由此开始并会告知，手机重新核对、补传所持的一切，然后再备份，"
    "见 docs/restore.md。\n"
    "Put the file back; where it is lost for good, start merestone serve or worker once: a new epoch begins, which is told, phones "
    "offer again what they hold, and then backups go on; see docs/restore.md."
)

_say_aside = partial(click.echo, err=True)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except BadGuard as error:
        raise click.ClickException(f"{error}\n{_ANOTHER_EPOCH}") from error
    except (BackupError, StoreError, StoreUrlError, OSError, DBAPIError, sqlite3.Error) as error:
        raise click.ClickException(str(error)) from error


@click.command()
@click.argument("place")
@click.option("--keep", type=click.IntRange(1), help="Keep so many backups and remove older ones.")
@click.option("--without-media", is_flag=True, help="The database only.")
@click.option("--keys", type=click.Path(file_okay=False), help="Also copy the server's keys to this folder.")
def backup(place: str, keep: int | None, keys: str | None, *, without_media: bool) -> None:
    """Back up to PLACE, a folder or `s3://…`, while the installation serves; check it; exit 1 if a file is lacking.

    The database in one snapshot; of the media what PLACE lacks. Never the epoch. The keys only with `--keys`, to a
    folder of mode 0700, unencrypted: whoever has them signs as this server does.
    """
    settings = read_settings()
    with _refusals(), opened_original(settings) as original:
        there = open_place(place, settings.data)
        if is_on_the_same_disk(settings, there):
            _say_aside("注意：备份与数据在同一磁盘 / note: the backup is on the disk of the data")
        finished = make_backup(original, there, _say_aside, keep=keep, with_media=not without_media)
        if keys:
            copy_keys(settings, Path(keys))
    if finished is None:
        raise click.ClickException("另一备份正在进行 / another backup is under way")
    click.echo(_line(finished.manifest))
    _tell_failed(finished.failed)


@click.command()
@click.argument("place")
@click.option("--check", is_flag=True, help="Read every backup's files and compare their hashes.")
@click.option(
    "--check-media",
    is_flag=True,
    help="Read every media file and compare its hash; the next backup copies what is damaged anew.",
)
def backups(place: str, *, check: bool, check_media: bool) -> None:
    """List the backups in PLACE, the oldest first; exit 1 if one is found damaged."""
    sound = True
    with _refusals():
        there = _existing(place)
        for name in there.names():
            try:
                manifest = there.manifest(name)
                if check:
                    there.check(manifest)
            except BackupError as error:
                sound = False
                click.echo(f"{name}  {error}")
            else:
                click.echo(_line(manifest))
        for sha256 in set_damaged_aside(there.store) if check_media else ():
            sound = False
            click.echo(f"媒体已损坏 damaged media: {sha256}")
    if not sound:
        raise click.exceptions.Exit(1)


@click.command()
@click.argument("place")
@click.option("--backup", "name", help="Its name, as `merestone backups` lists it; the newest unless given.")
@click.option("--replace", is_flag=True, help="Set the database that is here aside (it is kept).")
def restore(place: str, name: str | None, *, replace: bool) -> None:
    """Bring a backup back from PLACE, check it first, and begin a new epoch. Stop web and worker before.

    PLACE is what `merestone backup` was given, or the folder of one backup in it.
    """
    settings = read_settings()
    with _refusals():
        there, name = _found(place, name)
        manifest = there.manifest(name) if name else there.newest()
        if manifest is None:
            raise BackupError(f"{there.description} 中没有备份 / there is no backup in {there.description}")
        restored = bring_back(settings, there, manifest, _say_aside, replace=replace)
    click.echo(_what_next(restored))
    _tell_failed(restored.media_failed)


def _tell_failed(failed: Mapping[str, str]) -> None:
    for sha256, why in failed.items():
        _say_aside(f"未能复制 not copied: {sha256} {why}")
    if failed:
        raise click.exceptions.Exit(1)


def _found(place: str, name: str | None) -> tuple[Place, str | None]:
    folder = Path(place)
    if name is None and (folder / NAME).is_file():
        return open_place(str(folder.resolve().parent.parent)), folder.resolve().name
    return _existing(place), name


def _existing(place: str) -> Place:
    if not place.startswith("s3://") and not Path(place).is_dir():
        raise BackupError(f"没有 {place} / there is no {place}")
    return open_place(place)


def _line(manifest: Manifest) -> str:
    size = sum(file.size for file in manifest.files)
    media = (
        "-"
        if manifest.media is None
        else f"{manifest.media - (manifest.media_missing or 0)}/{manifest.media}"
    )
    return (
        f"{manifest.name}  {manifest.database}  seq {manifest.seq}  {manifest.hash[:16]}  {size} B  media {media}  "
        f"revisions {manifest.counts.get('revision', 0)}"
    )


def _media_line(restored: Restored) -> str:
    copied, adopted, lost = restored.media_copied, restored.media_adopted, len(restored.media_lost)
    return (
        f"媒体 media: {copied} 补回 copied, {adopted} 认领 adopted, {lost} 待手机重传 asked of phones again"
    )


def _what_next(restored: Restored) -> str:
    lines = [
        f"已恢复 restored: {_line(restored.manifest)}",
        f"新时期 new epoch: {restored.epoch}",
        _media_line(restored),
    ]
    if restored.set_aside:
        lines.append(f"原数据库保留在 the database before is kept: {restored.set_aside}")
    return "\n".join(
        [
            *lines,
            "接下来 what comes next (docs/restore.md):",
            "1. 启动服务 start it: merestone serve",
            "2. 重新挂失、封停备份之后挂失的手机和密钥 block devices and revoke keys again that were since the backup",
            "3. 备份之后新增的人员按原编号补录 add people again who came since: merestone add-person --id",
            "4. 请全体人员登录并同步，手机会补传所持的一切 have everybody sign in and sync: phones offer what they hold",
            "5. 备份之后的审核决定须重做 reviews decided since the backup have to be decided again",
        ]
    )
