"""The first look of a morning: what is found of each part, what waits for whom, jobs that failed, and settings."""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from sqlalchemy import select

from server import clock, jobs
from server.access import Role
from server.audit import AuditEntry
from server.health import inside
from server.health.findings import Level
from server.health.heartbeat import Heartbeat
from server.health.judging import (
    Queue,
    Reach,
    judge_backup,
    judge_database,
    judge_disk,
    judge_jobs,
    judge_root,
    judge_second_copy,
    judge_stamp,
    judge_store,
    judge_workers,
)
from server.health.models import WorkerBeat
from server.health.settings_words import GROUPS, MEANINGS
from server.jobs import Job
from server.settings import Settings

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
GIB = 1 << 30
DISK = ("本机磁盘", "disk")


def minutes(count):
    return NOW - timedelta(minutes=count)


def beat(ago):
    return WorkerBeat(id=uuid4(), host="house", started_at=minutes(900), beat_at=minutes(ago))


def backup(ago, seq=100, missing=0):
    return SimpleNamespace(made_at=minutes(ago), seq=seq, media_missing=missing)


def root(on, size, stamp=None, error=None):
    at = datetime(on.year, on.month, on.day, tzinfo=UTC)
    return SimpleNamespace(
        date=on, size=size, made_at=at, stamp=stamp, stamped_at=stamp and at, stamp_error=error
    )


TODAY = NOW.date()
HOUR, QUEUE = timedelta(hours=1), Queue(0, 0, 0, None, 0)


@pytest.mark.parametrize(
    ("found", "level"),
    [
        (judge_database("SQLite", []), "good"),
        (judge_database("SQLite", ["20261127_80"]), "bad"),
        (judge_store(DISK, 100 * GIB, GIB), "good"),
        (judge_store(DISK, 3 * GIB, GIB), "mind"),
        (judge_store(DISK, 0, GIB), "bad"),
        (judge_store(DISK, None, GIB), "good"),
        (judge_disk(50 * GIB, 100 * GIB), "good"),
        (judge_disk(9 * GIB, 100 * GIB), "mind"),
        (judge_disk(2 * GIB, 100 * GIB), "bad"),
        (judge_workers([], NOW), "bad"),
        (judge_workers([beat(1), beat(400)], NOW), "good"),
        (judge_workers([beat(6)], NOW), "mind"),
        (judge_workers([beat(40)], NOW), "bad"),
        (judge_jobs(QUEUE, NOW), "good"),
        (judge_jobs(Queue(3, 0, 0, minutes(1), 0), NOW), "good"),
        (judge_jobs(Queue(3, 0, 0, minutes(30), 0), NOW), "mind"),
        (judge_jobs(Queue(3, 1, 0, None, 0), NOW), "mind"),
        (judge_jobs(Queue(0, 0, 1, None, 0), NOW), "bad"),
        (judge_jobs(Queue(0, 0, 0, None, 5000), NOW), "mind"),
        (judge_backup(None, 100, HOUR, NOW), "bad"),
        (judge_backup(backup(30), 200, HOUR, NOW), "good"),
        (judge_backup(backup(6000), 100, HOUR, NOW), "good"),  # nothing was written since
        (judge_backup(backup(30), 200, HOUR, NOW, beside=True), "mind"),
        (judge_backup(backup(1500), 200, HOUR, NOW, beside=True), "bad"),
        (judge_backup(backup(180), 200, HOUR, NOW), "mind"),
        (judge_backup(backup(1500), 200, HOUR, NOW), "bad"),
        (judge_backup(backup(5, missing=2), 100, HOUR, NOW), "bad"),
        (judge_second_copy(Reach("none", 0, 9, minutes(9)), NOW), "mind"),
        (judge_second_copy(Reach("backup", 9, 0, None), NOW), "good"),
        (judge_second_copy(Reach("backup", 9, 5, minutes(200)), NOW), "mind"),
        (judge_second_copy(Reach("backup", 9, 5, minutes(1500)), NOW), "bad"),
        (judge_root(None, 0, TODAY), "good"),
        (judge_root(None, 5, TODAY), "mind"),
        (judge_root(root(date(2026, 11, 25), 5), 9, TODAY), "good"),
        (judge_root(root(date(2026, 11, 20), 9), 9, TODAY), "good"),  # nothing was written since
        (judge_root(root(date(2026, 11, 20), 5), 9, TODAY), "bad"),
        (judge_root(root(date(2027, 11, 20), 5), 9, TODAY), "bad"),  # set back since
        (judge_stamp(False, None, None, NOW), "off"),
        (judge_stamp(True, None, root(TODAY, 5), NOW), "mind"),
        (judge_stamp(True, root(TODAY, 5, b"s"), root(TODAY, 5, b"s"), NOW), "good"),
        (judge_stamp(True, root(date(2026, 11, 25), 5, b"s"), root(TODAY, 9, None, "x"), NOW), "mind"),
        (judge_stamp(True, root(date(2026, 11, 2), 5, b"s"), root(TODAY, 9, None, "x"), NOW), "bad"),
    ],
)
def test_each_part_has_its_colour_with_words_and_what_to_do_where_it_is_not_well(found, level):
    assert found.level == level
    assert all(found.told)
    if level in {Level.MIND, Level.BAD} and found.part != "worker":
        assert found.advice is not None
        assert all(found.advice)


def test_every_setting_is_explained_in_chinese_in_one_group():
    variables = [each.metadata["variable"] for each in fields(Settings)]
    grouped = [variable for group in GROUPS.values() for variable in group]
    assert sorted(variables) == sorted(grouped) == sorted(MEANINGS)


def test_settings_are_shown_and_no_secret_is(cast, app):
    admin = cast.signed_in(Role.ADMIN)
    shown = {each["variable"]: each for each in admin.get("/api/v1/settings")}

    assert len(shown) == len(fields(Settings))
    assert (shown["PORT"]["value"], shown["PORT"]["is_default"]) == ("8000", True)
    assert (shown["MERESTONE_RESERVE_BYTES"]["value"], shown["MERESTONE_RESERVE_BYTES"]["is_default"]) == (
        "0",
        False,
    )
    url = shown["MERESTONE_DATABASE_URL"]
    assert (url["value"], url["is_set"]) == (None, True)
    assert (shown["MERESTONE_PLATFORM_SECRET"]["value"], shown["MERESTONE_PLATFORM_SECRET"]["is_set"]) == (
        None,
        False,
    )
    assert app.settings.database_url not in str(shown)
    assert cast.signed_in(Role.PLANNER).get("/api/v1/settings", expect=403)["code"] == "access.denied"


def test_the_report_tells_of_every_part_and_what_waits_in_the_jurisdiction(cast, app, monkeypatch):
    admin, elsewhere = cast.signed_in(Role.ADMIN), cast.signed_in(Role.ADMIN, region="130800")
    phone = cast.phone()
    cast.task(phone)
    phone.pulls()
    for _ in range(3):  # work on a task that nobody knows waits for a supervisor
        phone.fills(uuid4())
    phone.pushes()

    before = {each["part"]: each for each in admin.get("/api/v1/health")["findings"]}
    assert list(before) == [
        "database",
        "store",
        "originals",
        "disk",
        "worker",
        "jobs",
        "backup",
        "second_copy",
        "root",
        "stamp",
    ]
    assert (before["worker"]["level"], before["worker"]["told"]) == ("bad", "没有后台程序在运行")
    assert before["second_copy"]["level"] == "mind"
    heart = Heartbeat(app.sessions)
    heart.beat()
    heart.beat()
    now = {each["part"]: each for each in admin.get("/api/v1/health")["findings"]}
    assert now["worker"]["level"] == "good"
    heart.end()
    monkeypatch.setattr(inside, "MOST", 2)
    waiting = {each["kind"]: each for each in admin.get("/api/v1/health")["waiting"]}
    assert (waiting["quarantine"]["count"], waiting["quarantine"]["is_more"]) == (2, True)
    assert waiting["publications_overdue"]["level"] == "good"
    report = elsewhere.get("/api/v1/health")
    assert report["level"] == "bad"  # no worker runs
    assert all(each["count"] == 0 for each in report["waiting"])
    assert cast.signed_in(Role.PLANNER).get("/api/v1/health", expect=403)["code"] == "access.denied"


def test_a_job_that_was_given_up_is_shown_without_its_text_and_runs_again(cast, session):
    admin = cast.signed_in(Role.ADMIN)
    fact = session.scalars(select(AuditEntry).order_by(AuditEntry.seq.desc()).limit(1)).one()
    job = Job(
        seq=fact.seq,
        reaction="reactions.open_tasks",
        attempts=jobs.MOST_ATTEMPTS,
        run_after=clock.now(),
        dead_at=clock.now(),
        error="ValueError: 张三 140522199001011234",
    )
    session.add(job)
    session.flush()

    [shown] = admin.get("/api/v1/health/jobs")
    assert (shown["seq"], shown["error"], shown["told"]) == (fact.seq, "ValueError", "登录已开启")
    parts = {each["part"]: each for each in admin.get("/api/v1/health")["findings"]}
    assert (parts["jobs"]["level"], parts["jobs"]["told"]) == ("bad", "等待 0，重试中 0，已放弃 1")

    run = f"/api/v1/health/jobs/{fact.seq}/reactions.open_tasks/run"
    assert cast.signed_in(Role.AUDITOR).post(run, expect=403)["code"] == "access.denied"
    admin.post(run, expect=204)
    session.refresh(job)
    assert (job.dead_at, job.attempts) == (None, 0)
    assert admin.post(run, expect=404)["code"] == "job.not-found"
    noted = session.scalars(select(AuditEntry).where(AuditEntry.action == "job.run-again")).one()
    assert noted.details == {
        "seq": fact.seq,
        "reaction": "reactions.open_tasks",
        "attempts": jobs.MOST_ATTEMPTS,
    }
