"""Calendars of working days: what the program knows, and the notices that were entered since."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from server import audit, clock
from server.access import Actor, Permission, require, within
from server.accounts.models import Organisation
from server.calendar import Notice, WorkingCalendar
from server.db import Json
from server.problems import CalendarUnsound, DeadlineRulesWrong, OrganisationNotFound, OutsideJurisdiction
from server.results.deadlines import WrongDeadlineRuleError, read_rules
from server.results.models import CalendarNotice

NATION = "000000"


@dataclass(frozen=True)
class NoticeDraft:
    """A notice as somebody enters it; of the whole nation, or of a region that adds days to the nation's."""

    region: str
    year: int
    version: str
    days_off: tuple[date, ...]
    make_up: tuple[date, ...]


class Calendars:
    """The calendars of all regions, from the notices there are: one question, however many regions are asked for."""

    def __init__(self, session: Session) -> None:
        self._notices: dict[str, dict[int, Notice]] = defaultdict(dict)
        self._made: dict[str, WorkingCalendar] = {}
        for row in session.scalars(select(CalendarNotice).order_by(CalendarNotice.entered_at)):
            self._notices[row.region][row.year] = _notice(row)

    def of(self, region: str) -> WorkingCalendar:
        """Return the calendar of a region: the nation's, and what its province, city and county add."""
        if region not in self._made:
            own = [
                notice
                for place in (region[:2] + "0000", region[:4] + "00", region)
                if place != NATION
                for notice in self._notices[place].values()
            ]
            self._made[region] = WorkingCalendar(
                dict(self._notices[NATION]),
                frozenset(day for notice in own for day in notice.days_off),
                frozenset(day for notice in own for day in notice.make_up),
            )
        return self._made[region]


def enter_notice(session: Session, actor: Actor, draft: NoticeDraft) -> CalendarNotice:
    """Enter a notice; every deadline that it may move is counted again behind it (`calendar.entered`).

    A region's own within one's jurisdiction; the nation's by whoever has every bureau of this installation in theirs,
    because it moves everybody's deadlines. CalendarUnsound for days outside the year, or a day both off and worked.
    """
    require(actor, Permission.CALENDAR_WRITE)
    if draft.region != NATION:
        require(actor, Permission.CALENDAR_WRITE, draft)
    elif session.scalar(select(Organisation.id).where(~within(actor, Organisation.region)).limit(1)):
        raise OutsideJurisdiction()
    return enter_anywhere(session, actor, draft)


def enter_anywhere(session: Session, actor: Actor, draft: NoticeDraft) -> CalendarNotice:
    """Enter a notice for whoever looks after the installation, where nobody governs every bureau of it."""
    _check(draft)
    notice = CalendarNotice(
        region=draft.region,
        year=draft.year,
        version=draft.version,
        days_off=[day.isoformat() for day in draft.days_off],
        make_up=[day.isoformat() for day in draft.make_up],
        entered_by=actor.person_id,
        entered_at=clock.now(),
    )
    session.add(notice)
    session.flush()
    details = {"region": notice.region, "year": notice.year, "version": notice.version}
    audit.append(session, actor, "calendar.entered", ("calendar", notice.id), details)
    return notice


def set_deadline_rules(session: Session, actor: Actor, organisation_id: UUID, rules: Json) -> Organisation:
    """Set a bureau's own deadline rules; they hold for what is counted from now on. DeadlineRulesWrong names the first part."""
    bureau = find_bureau(session, actor, organisation_id)
    require(actor, Permission.CALENDAR_WRITE, bureau)
    try:
        read_rules({"deadline": rules})
    except WrongDeadlineRuleError as error:
        raise DeadlineRulesWrong(str(error)) from error
    before = bureau.rules.get("deadline")
    bureau.rules = {**bureau.rules, "deadline": rules}
    session.flush()
    told = {"before": before, "now": rules}
    audit.append(session, actor, "organisation.deadlines-set", ("organisation", bureau.id), told)
    return bureau


def find_bureau(session: Session, actor: Actor, organisation_id: UUID) -> Organisation:
    """Return an organisation of the jurisdiction, held until the transaction ends; others are not found."""
    here = select(Organisation).where(Organisation.id == organisation_id, within(actor, Organisation.region))
    bureau = session.scalar(here.with_for_update())
    if bureau is None:
        raise OrganisationNotFound()
    return bureau


def notices(session: Session, actor: Actor) -> Sequence[CalendarNotice]:
    """List the notices, the newest first."""
    require(
        actor,
        Permission.CALENDAR_WRITE if actor.may(Permission.CALENDAR_WRITE) else Permission.RESULT_READ,
    )
    newest = (CalendarNotice.year.desc(), CalendarNotice.entered_at.desc(), CalendarNotice.id)
    return session.scalars(select(CalendarNotice).order_by(*newest)).all()


def _check(draft: NoticeDraft) -> None:
    strange = [day.isoformat() for day in (*draft.days_off, *draft.make_up) if day.year != draft.year]
    if strange:
        raise CalendarUnsound("日期不在该年度内", "days of another year", days=strange)
    both = set(draft.days_off) & set(draft.make_up)
    if both:
        raise CalendarUnsound(
            "同一天既放假又上班", "a day is both off and worked", days=sorted(day.isoformat() for day in both)
        )
    if draft.region == NATION and not draft.days_off:
        raise CalendarUnsound("全国放假通知须列明放假日期", "the nation's notice names its days off")


def _notice(row: CalendarNotice) -> Notice:
    return Notice(
        row.version,
        row.year,
        frozenset(date.fromisoformat(day) for day in row.days_off),
        frozenset(date.fromisoformat(day) for day in row.make_up),
    )
