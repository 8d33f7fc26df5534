"""Health and settings over HTTP."""

from typing import cast

from flask import current_app

from server import audit, clock
from server.access import Permission, require
from server.blueprint import Blueprint
from server.db import Json
from server.health import failed_jobs, schemas
from server.health.inside import find_inside
from server.health.outside import find_backup, find_disk, find_originals, find_store
from server.health.report import write_report
from server.health.settings_told import settings_told
from server.http import App, actor, session, settings, short_transaction
from server.view_marks import untransacted

blp = Blueprint("health", __name__, url_prefix="/api/v1", description="How the installation does")


@blp.get("/health")
@blp.response(200, schemas.HealthReportSchema)
@untransacted
def show_health() -> Json:
    """Show how every part of the installation does, in colours with words, and what waits for whom."""
    require(actor, Permission.STATUS_READ)
    app, now = cast("App", current_app), clock.now()
    with short_transaction(writing=False) as reading:
        seq, _ = audit.head(reading)
    # A store or a place that hangs holds no transaction open.
    outside = [
        find_store(app.store, app.settings),
        find_originals(app.store, app.readers),
        find_disk(app.settings),
        find_backup(app.settings, seq, now),
    ]
    with short_transaction(writing=False) as reading:
        today = now.astimezone(app.settings.zone).date()
        inside = find_inside(reading, app.installation, app.settings, now, today)
        return write_report(reading, actor, app, outside + inside, now)


@blp.get("/health/jobs")
@blp.response(200, schemas.FailedJobSchema(many=True))
def list_failed_jobs() -> list[Json]:
    """List jobs that failed: first those that were given up, then those that are tried again."""
    return failed_jobs.failed_jobs(session, actor)


@blp.post("/health/jobs/<int(bits=64):seq>/<reaction>/run")
@blp.response(204)
def run_job_again(seq: int, reaction: str) -> None:
    """Let a job that was given up run again."""
    failed_jobs.run_again(session, actor, seq, reaction)


@blp.get("/settings")
@blp.response(200, schemas.SettingSchema(many=True))
def list_settings() -> list[Json]:
    """List what this installation is set to; of secrets only whether they are set."""
    return settings_told(actor, settings())
