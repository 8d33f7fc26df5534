"""From facts to colours: what of each part is well, what one should mind, and what is wrong. Nothing here asks anything."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from server.backups.manifest import Manifest
from server.health.findings import Finding, Level, Words, in_bytes
from server.health.models import WorkerBeat
from server.notary.models import AuditRoot

#: A worker may be in the middle of something long.
_QUIET: Final = timedelta(minutes=5)
_SILENT: Final = timedelta(minutes=30)
_JOBS_LATE: Final = timedelta(minutes=10)
#: Facts whose reactions have not been written down yet.
_MANY: Final = 1000
_STAMP_LATE: Final = timedelta(days=3)


@dataclass(frozen=True)
class Queue:
    """Jobs that wait, that failed and are tried again, that were given up; `due_since`: of the oldest that is due."""

    waiting: int
    failing: int
    dead: int
    due_since: datetime | None
    undispatched: int


@dataclass(frozen=True)
class Reach:
    """How far the second copy of the database reaches, see `docs/restore.md`; `since`: when what only we have began."""

    kind: str
    durable: int
    behind: int
    since: datetime | None


def judge_database(kind: str, pending: Sequence[str]) -> Finding:
    """A database whose tables are older than the program can't be worked with."""
    if pending:
        missing = ", ".join(pending)
        return Finding(
            "database",
            Level.BAD,
            (f"{kind}，缺少迁移：{missing}", f"{kind}, lacks migrations: {missing}"),
            ("请运行 merestone migrate。", "Run merestone migrate."),
        )
    return Finding("database", Level.GOOD, (f"{kind}，表结构为最新", f"{kind}, tables up to date"))


def judge_store(kind: Words, free: int | None, reserve: int) -> Finding:
    """`free`: bytes that uploads may still take, None where a bucket doesn't say."""
    if free is None:
        return Finding("store", Level.GOOD, (f"{kind[0]}，可写入", f"{kind[1]}, takes uploads"))
    told = (f"{kind[0]}，还可接收 {in_bytes(free)}", f"{kind[1]}, takes {in_bytes(free)} more")
    more = ("请清理或扩容存储所在磁盘。", "Make room on the disk of the store, or enlarge it.")
    if free == 0:
        return Finding(
            "store",
            Level.BAD,
            (f"{kind[0]}，空间已满，上传被拒绝", f"{kind[1]}, full: uploads are refused"),
            more,
        )
    return (
        Finding("store", Level.MIND, told, more) if free < 4 * reserve else Finding("store", Level.GOOD, told)
    )


def judge_originals(lost: int, most: int, *, is_away: bool) -> Finding:
    """`lost`: originals that the store has lost and nobody has given back, counted up to `most`. `is_away`: it has none at all."""
    if is_away:
        return Finding(
            "originals",
            Level.BAD,
            (
                "存储中没有数据库所记的任何影像",
                "the store has nothing of what the database knows",
            ),
            (
                "请检查存储磁盘是否已挂载、设置是否指向原来的存储，见 docs/storage.md。",
                "See whether its disk is mounted and the setting names the same store, see docs/storage.md.",
            ),
        )
    if not lost:
        return Finding("originals", Level.GOOD, ("没有丢失", "none is lost"))
    count = f"{most}+" if lost >= most else str(lost)
    return Finding(
        "originals",
        Level.BAD,
        (f"{count} 件丢失，等待手机重传", f"{count} lost, asked of phones again"),
        (
            "请检查存储磁盘，并请拍摄人员打开手机同步，见 docs/storage.md。",
            "Look at the disk of the store, and let those who took them open their phones, see docs/storage.md.",
        ),
    )


def judge_disk(free: int, total: int) -> Finding:
    """Below a tenth of the disk one should mind; below three hundredths it is nearly full."""
    told = (f"剩余 {in_bytes(free)}，共 {in_bytes(total)}", f"{in_bytes(free)} of {in_bytes(total)} free")
    level = Level.BAD if free * 100 < total * 3 else Level.MIND if free * 10 < total else Level.GOOD
    advice = (
        "请清理或扩容数据盘；写满后数据库停止写入。",
        "Make room: a database on a full disk takes nothing more.",
    )
    return Finding("disk", level, told, None if level is Level.GOOD else advice)


def judge_workers(beats: Sequence[WorkerBeat], now: datetime) -> Finding:
    """Without a worker nothing is delivered, looked into, signed or backed up."""
    start = ("请启动 merestone worker，并查看其日志。", "Start merestone worker, and read its log.")
    if not beats:
        return Finding("worker", Level.BAD, ("没有后台程序在运行", "No worker runs"), start)
    newest = max(beat.beat_at for beat in beats)
    hosts = ", ".join(sorted({beat.host for beat in beats if now - beat.beat_at < _SILENT}))
    if now - newest >= _SILENT:
        return Finding("worker", Level.BAD, ("后台程序没有响应", "The worker is silent"), start, newest)
    if now - newest >= _QUIET:
        told = (f"{hosts}：一轮工作已超过 5 分钟", f"{hosts}: busy with one round for more than 5 minutes")
        return Finding("worker", Level.MIND, told, None, newest)
    alive = sum(now - beat.beat_at < _QUIET for beat in beats)
    return Finding(
        "worker", Level.GOOD, (f"{alive} 个在运行：{hosts}", f"{alive} at work: {hosts}"), None, newest
    )


def judge_jobs(queue: Queue, now: datetime) -> Finding:
    """A job that was given up waits for a person; those that wait for long say that the worker doesn't keep up."""
    told = (
        f"等待 {queue.waiting}，重试中 {queue.failing}，已放弃 {queue.dead}",
        f"{queue.waiting} wait, {queue.failing} are tried again, {queue.dead} given up",
    )
    if queue.dead:
        advice = (
            "请查看下方失败的任务：排除原因后点“再次执行”。",
            "Look at the failed jobs below: mend the cause, then run them again.",
        )
        return Finding("jobs", Level.BAD, told, advice, queue.due_since)
    is_late = queue.due_since is not None and now - queue.due_since > _JOBS_LATE
    is_late = is_late or queue.undispatched > _MANY
    if is_late or queue.failing:
        advice = (
            "如持续不减，请查看后台程序是否在运行。" if is_late else "系统会自动重试。",
            "If they don't go down, see whether the worker runs."
            if is_late
            else "They are tried again by themselves.",
        )
        return Finding("jobs", Level.MIND, told, advice, queue.due_since)
    return Finding("jobs", Level.GOOD, told)


def judge_backup(
    newest: Manifest | None, seq: int, every: timedelta, now: datetime, *, beside: bool = False
) -> Finding:
    """The newest backup that the worker made: how old it is, how much came since, and whether files are missing in it.

    `beside`: it lies on the disk of the data, where one that breaks takes both; also where none is mounted at its place.
    """
    look = ("请查看后台程序日志和备份位置。", "Look at the worker's log and at the place of the backups.")
    if newest is None:
        return Finding("backup", Level.BAD, ("还没有备份", "There is no backup yet"), look)
    since = max(seq - newest.seq, 0)
    told = (
        f"最近一次之后新增 {since} 条日志",
        f"{since} entries of the log came since the last one",
    )
    if newest.media_missing:
        lacking = (
            f"备份缺少 {newest.media_missing} 个文件",
            f"the backup lacks {newest.media_missing} files",
        )
        return Finding("backup", Level.BAD, lacking, look, newest.made_at)
    age = now - newest.made_at
    if since and age > max(4 * every, timedelta(days=1)):
        return Finding("backup", Level.BAD, told, look, newest.made_at)
    if since and age > 2 * every:
        return Finding("backup", Level.MIND, told, look, newest.made_at)
    if beside:
        same = ("备份与数据在同一磁盘", "the backup is on the disk of the data")
        mount = (
            "请检查备份盘是否已挂载，或另选位置。",
            "See whether the disk for backups is mounted, or choose another place.",
        )
        return Finding("backup", Level.MIND, same, mount, newest.made_at)
    return Finding("backup", Level.GOOD, told, None, newest.made_at)


def judge_second_copy(reach: Reach, now: datetime) -> Finding:
    """Phones delete nothing that has no second copy: without one they fill up."""
    if reach.kind == "none":
        return Finding(
            "second_copy",
            Level.MIND,
            ("未设置：手机不会删除已上传的内容", "not set up: phones delete nothing of what they sent"),
            (
                "请设置 MERESTONE_SECOND_COPY，见 docs/restore.md。",
                "Set MERESTONE_SECOND_COPY, see docs/restore.md.",
            ),
        )
    told = (
        f"已到日志第 {reach.durable} 条，落后 {reach.behind} 条",
        f"reaches entry {reach.durable} of the log, {reach.behind} behind",
    )
    waited = now - reach.since if reach.since else timedelta(0)
    advice = ("请检查备份、备用库或归档是否正常。", "See whether backups, the standby or archiving work.")
    if waited > timedelta(days=1):
        return Finding("second_copy", Level.BAD, told, advice, reach.since)
    if waited > timedelta(hours=3):
        return Finding("second_copy", Level.MIND, told, advice, reach.since)
    return Finding("second_copy", Level.GOOD, told, None, reach.since)


def judge_root(root: AuditRoot | None, seq: int, today: date) -> Finding:
    """The worker signs a root each day on which something was written."""
    start = ("请查看后台程序是否在运行。", "See whether the worker runs.")
    if root is None:
        level = Level.MIND if seq else Level.GOOD
        return Finding("root", level, ("尚无签名", "none was signed yet"), start if seq else None)
    told = (f"{root.date} 已签名，覆盖 {root.size} 条日志", f"signed on {root.date} over {root.size} entries")
    is_late = not today - timedelta(days=1) <= root.date <= today and root.size < seq
    return Finding(
        "root", Level.BAD if is_late else Level.GOOD, told, start if is_late else None, root.made_at
    )


def judge_stamp(
    is_asked: bool, stamped: AuditRoot | None, newest: AuditRoot | None, now: datetime
) -> Finding:
    """A time-stamp proves to others when a root was there; `is_asked`: whether an authority is set."""
    if not is_asked:
        return Finding("stamp", Level.OFF, ("未设置时间戳服务", "no time-stamp authority is set"))
    failed = newest is not None and newest.stamp is None and newest.stamp_error is not None
    advice = (
        "请检查与时间戳服务的连接；系统会自动重试。",
        "See whether the authority is reached; it is asked again by itself.",
    )
    if stamped is None:
        level = Level.BAD if failed else Level.MIND
        return Finding("stamp", level, ("尚未取得时间戳", "none was given yet"), advice)
    told = (f"{stamped.date} 的树根已有时间戳", f"the root of {stamped.date} is stamped")
    at = stamped.stamped_at or stamped.made_at
    if failed:
        level = Level.BAD if now - at > _STAMP_LATE else Level.MIND
        return Finding("stamp", level, told, advice, at)
    return Finding("stamp", Level.GOOD, told, None, at)
