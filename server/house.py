"""The front door: where to go, whether we are well, metrics, and the pages that show the API."""

from pathlib import Path
from typing import Any, cast

import swagger_ui_bundle
from flask import Blueprint as Pages
from flask import Response, current_app, jsonify, render_template_string, send_from_directory
from marshmallow import fields, validate
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from sqlalchemy import select

from server import audit
from server.access import Permission, require
from server.answered import METRICS
from server.audit import AuditEntry
from server.blueprint import Blueprint
from server.http import App, actor, installation, session, settings, store
from server.migrate import pending_revisions
from server.schema import Schema
from server.settings import SECOND_COPIES
from server.view_marks import public

blp = Blueprint("house", __name__, description="Is it alive, is it ready, how is it doing")
pages = Pages("pages", __name__)
_DOCS = Path(str(swagger_ui_bundle.swagger_ui_path))
_WELCOME = """<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>界石 Merestone</title>
<style>body{font:16px/1.6 system-ui,sans-serif;max-width:42rem;margin:3rem auto;padding:0 1rem}
a{color:#0b5}code{background:#eee;padding:.1em .3em}</style>
<h1>界石 Merestone</h1>
<p>“双随机、一公开”外业检查后端。<br>The field-inspection backend for double-random inspections.</p>
<ul>
<li><a href="/public/">公示 Public site</a> · <a href="/console/">工作台 Console</a> · <a href="/phone/">外业 Phone</a></li>
<li><a href="/api/docs">接口说明 API description</a> · <a href="/api/openapi.json">openapi.json</a></li>
<li><a href="/readyz">运行状态 Readiness</a></li>
</ul>
<p>没有手机时，可运行 <code>merestone simulate</code> 演示一天的外业检查。<br>
Without a phone, <code>merestone simulate</code> plays an inspector's day.</p>
</html>
"""


class HealthSchema(Schema):
    """How this process is."""

    status = fields.String(required=True)
    failed = fields.List(fields.String(), metadata={"description": "database, migrations, store"})
    warnings = fields.List(
        fields.String(), metadata={"description": "no-second-copy: phones may delete nothing"}
    )


class SecondCopySchema(Schema):
    """How far a second copy of the database is known to reach: `durable_seq`, found at a moment, so many entries behind.

    `unprotected_since`: when the first entry was written that only this database has.
    """

    kind = fields.String(validate=validate.OneOf(SECOND_COPIES))
    durable_seq = fields.Integer()
    behind = fields.Integer()
    found_at = fields.String(allow_none=True)
    unprotected_since = fields.AwareDateTime(allow_none=True)
    media = fields.String(
        validate=validate.OneOf(["none", "backups", "store"]),
        metadata={"description": "what makes media durable"},
    )
    worker_backs_up = fields.Boolean()


class InstallationSchema(Schema):
    """How the installation is, for whoever looks after it."""

    epoch = fields.String()
    seq = fields.Integer(metadata={"description": "newest entry of the audit log"})
    second_copy = fields.Nested(SecondCopySchema)
    retention_days = fields.Integer()
    warnings = fields.List(fields.String())


@pages.get("/")
@public
def welcome() -> str:
    """Say what this is and where to go."""
    return render_template_string(_WELCOME)


@blp.get("/healthz")
@blp.response(200, HealthSchema)
@public
def tell_health() -> Response:
    """Say that the process lives."""
    return jsonify(status="ok")


@blp.get("/readyz")
@blp.response(200, HealthSchema)
@blp.alt_response(503, schema=HealthSchema)
@public
def tell_readiness() -> tuple[Response, int]:
    """Say whether database, store and migrations are ready for work; 503 names what is not."""
    app = cast("App", current_app)
    failed = []
    try:
        if pending_revisions(session.connection()):
            failed.append("migrations")
    except Exception:
        app.logger.exception("database not ready")
        session.rollback()  # else its end would be told in the answer's place
        failed.append("database")
    try:
        store().free_space()
    except Exception:
        app.logger.exception("store not ready")
        failed.append("store")
    body = {"status": "not ready" if failed else "ok", "failed": failed, "warnings": _warnings()}
    return jsonify(body), 503 if failed else 200


@blp.get("/api/v1/status")
@blp.response(200, InstallationSchema)
def tell_status() -> dict[str, Any]:
    """Tell administrators, supervisors and auditors how far the second copy reaches, and what lacks one."""
    require(actor, Permission.STATUS_READ)
    ours, guard = settings(), installation().guard
    seq, _ = audit.head(session)
    durable = installation().durable_seq
    next_at = session.scalar(select(AuditEntry.at).where(AuditEntry.seq == durable + 1))
    media = "store" if ours.is_store_durable else "none" if ours.second_copy == "none" else "backups"
    second_copy = {
        "kind": ours.second_copy,
        "durable_seq": durable,
        "behind": seq - durable,
        "found_at": guard.durable_at or None if durable else None,
        "unprotected_since": next_at,
        "media": media,
        "worker_backs_up": bool(ours.backup_to),
    }
    return {
        "epoch": guard.epoch,
        "seq": seq,
        "second_copy": second_copy,
        "retention_days": ours.retention_days,
        "warnings": _warnings(),
    }


def _warnings() -> list[str]:
    return [] if installation().second_copy else ["no-second-copy"]


@blp.get("/metrics")
@blp.response(200, {"type": "string"}, content_type="text/plain", description="Prometheus's text format")
@public
def tell_metrics() -> Response:
    """Give counters and timings in Prometheus's text format; keep it inside the reverse proxy."""
    return Response(generate_latest(METRICS), content_type=CONTENT_TYPE_LATEST)


@pages.get("/api/docs/files/<path:name>")
@public
def send_docs_file(name: str) -> Response:
    """Send the scripts and styles of the API's description from this machine, never from a CDN."""
    return send_from_directory(_DOCS, name, max_age=86400)
