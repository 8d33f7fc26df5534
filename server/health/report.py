"""The report of a morning: every part as it was found, the worst first to be seen, and what waits."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy.orm import Session

from server import audit
from server.access import Actor
from server.db import Json
from server.health.findings import PARTS, Finding, Level
from server.health.waiting import what_waits
from server.http import App

_WORST = (Level.BAD, Level.MIND)


def worst_of(levels: list[Level]) -> Level:
    """Give the worst of some levels."""
    return next((level for level in _WORST if level in levels), Level.GOOD)


def write_report(session: Session, actor: Actor, app: App, findings: list[Finding], now: datetime) -> Json:
    """Write what was found, in the order of the page, with what waits in the actor's jurisdiction."""
    order = list(PARTS)
    waiting = what_waits(session, actor, now.astimezone(app.settings.zone).date(), now)
    return {
        "level": worst_of([each.level for each in findings] + [each.level for each in waiting]),
        "version": app.config["API_VERSION"],
        "epoch": app.installation.epoch,
        "seq": audit.head(session)[0],
        "asked_at": now,
        "findings": [_finding(each) for each in sorted(findings, key=lambda each: order.index(each.part))],
        "waiting": [
            asdict(each)
            | {"name": each.name[0], "name_en": each.name[1]}
            | {"for_whom": each.for_whom[0], "for_whom_en": each.for_whom[1]}
            for each in waiting
        ],
    }


def _finding(finding: Finding) -> Json:
    name, name_en = PARTS[finding.part]
    advice, advice_en = finding.advice or (None, None)
    return {
        "part": finding.part,
        "name": name,
        "name_en": name_en,
        "level": finding.level,
        "told": finding.told[0],
        "told_en": finding.told[1],
        "advice": advice,
        "advice_en": advice_en,
        "at": finding.at,
    }
