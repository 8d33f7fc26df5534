"""How inspectors stand on a day: what a draw and the legality gate ask of the inspector library.

A person is in the library with a role in the field and an active account. Everything here is a fact of the day that
is asked for; whether it is enough is for the caller to say.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from server.access import Role, region_bounds
from server.accounts.models import Person
from server.registry.models import Certificate, Expert, InspectorProfile, Lending, TrainingExam

IN_THE_FIELD = frozenset({Role.INSPECTOR.value, Role.LEAD.value})


@dataclass(frozen=True)
class InspectorStanding:
    """An inspector as of a day.

    `certificates` are those valid on the day, the one that lasts longest last. `exam_years` were passed and
    `exams_failed` not. `scope` are codes of items the person may inspect, empty: all. `lent_to` are regions the
    person is lent to on the day, `borrowers` the bureaus there. `in_library` is False where the library has no page
    of the person yet, or the person left it (`ended_on`), which only a list that asks for it tells.
    """

    person_id: UUID
    name: str
    organisation_id: UUID
    region: str
    roles: frozenset[str]
    certificates: tuple[Certificate, ...]
    exam_years: frozenset[int]
    exams_failed: frozenset[int]
    scope: frozenset[str]
    tags: frozenset[str]
    lent_to: frozenset[str]
    borrowers: frozenset[UUID]
    in_library: bool
    ended_on: date | None
    on: date

    @property
    def certified(self) -> bool:
        """Whether a certificate is valid on the day."""
        return bool(self.certificates)

    @property
    def admitted(self) -> bool:
        """Whether last year's exam was passed.

        承德市 2023: 未通过上一年度培训考试的，不得纳入本年度执法检查人员名录库.
        """
        return self.on.year - 1 in self.exam_years

    def may_inspect(self, item_code: str) -> bool:
        """Say whether an item lies in the person's scope."""
        return not self.scope or item_code in self.scope


def standings_of(session: Session, person_ids: Collection[UUID], on: date) -> dict[UUID, InspectorStanding]:
    """Return how each of some people stands on a day, in four queries; who is not in the field is left out."""
    return {each.person_id: each for each in _standings(session, Person.id.in_(person_ids), on)}


def standings_within(session: Session, region: str, on: date) -> list[InspectorStanding]:
    """Return the inspectors of a region and of all below it, in four queries, by user name."""
    first, last = region_bounds(region)
    return _standings(session, Person.region.between(first, last), on)


def standings_at(
    session: Session, region: str, on: date, *, with_ended: bool = False
) -> list[InspectorStanding]:
    """Return who may be matched in a region: its inspectors, of all below it, and those lent there on the day.

    Who left the library is among them only where asked for.
    """
    first, last = region_bounds(region)
    lent = select(Lending.person_id).where(_lasts(on), Lending.region.between(first, last))
    who = or_(Person.region.between(first, last), Person.id.in_(lent))
    return _standings(session, who, on, with_ended=with_ended)


def experts_at(session: Session, region: str, on: date) -> list[Expert]:
    """Return the experts of a region, of all below it, who may be drawn on a day, by name and unit."""
    first, last = region_bounds(region)
    query = select(Expert).where(
        Expert.region.between(first, last),
        Expert.active,
        or_(Expert.valid_from.is_(None), Expert.valid_from <= on),
        or_(Expert.valid_to.is_(None), Expert.valid_to >= on),
    )
    return list(session.scalars(query.order_by(Expert.name, Expert.unit, Expert.id)))


def _standings(
    session: Session, who: ColumnElement[bool], on: date, *, with_ended: bool = False
) -> list[InspectorStanding]:
    query = (
        select(Person, InspectorProfile)
        .outerjoin(InspectorProfile, InspectorProfile.person_id == Person.id)
        .where(who, Person.active)
        .order_by(Person.username)
    )
    if not with_ended:
        query = query.where(InspectorProfile.ended_on.is_(None))
    pages = [(row[0], row[1]) for row in session.execute(query) if IN_THE_FIELD & set(row[0].roles)]
    ids = select(Person.id).where(who, Person.active)
    certificates, exams, lendings = (
        _certificates(session, ids, on),
        _exams(session, ids),
        _lendings(session, ids, on),
    )
    return [
        _standing(person, profile, certificates[person.id], exams[person.id], lendings[person.id], on)
        for person, profile in pages
    ]


def _standing(
    person: Person,
    profile: InspectorProfile | None,
    certificates: list[Certificate],
    exams: dict[bool, set[int]],
    lendings: list[Lending],
    on: date,
) -> InspectorStanding:
    return InspectorStanding(
        person_id=person.id,
        name=person.name,
        organisation_id=person.organisation_id,
        region=person.region,
        roles=frozenset(person.roles),
        certificates=tuple(certificates),
        exam_years=frozenset(exams.get(True, ())),
        exams_failed=frozenset(exams.get(False, ())),
        scope=frozenset(profile.scope if profile else ()),
        tags=frozenset(profile.tags if profile else ()),
        lent_to=frozenset(each.region for each in lendings),
        borrowers=frozenset(each.organisation_id for each in lendings),
        in_library=profile is not None and profile.ended_on is None,
        ended_on=profile.ended_on if profile else None,
        on=on,
    )


def _certificates(session: Session, ids: Select[UUID], on: date) -> dict[UUID, list[Certificate]]:
    found: dict[UUID, list[Certificate]] = defaultdict(list)
    query = select(Certificate).where(
        Certificate.person_id.in_(ids), Certificate.valid_from <= on, Certificate.valid_to >= on
    )
    for certificate in session.scalars(query.order_by(Certificate.valid_to, Certificate.number)):
        found[certificate.person_id].append(certificate)
    return found


def _exams(session: Session, ids: Select[UUID]) -> dict[UUID, dict[bool, set[int]]]:
    found: dict[UUID, dict[bool, set[int]]] = defaultdict(lambda: defaultdict(set))
    query = select(TrainingExam.person_id, TrainingExam.passed, TrainingExam.year)
    for person_id, passed, year in session.execute(query.where(TrainingExam.person_id.in_(ids))):
        found[person_id][passed].add(year)
    return found


def _lendings(session: Session, ids: Select[UUID], on: date) -> dict[UUID, list[Lending]]:
    found: dict[UUID, list[Lending]] = defaultdict(list)
    for lending in session.scalars(select(Lending).where(Lending.person_id.in_(ids), _lasts(on))):
        found[lending.person_id].append(lending)
    return found


def _lasts(on: date) -> ColumnElement[bool]:
    return and_(Lending.first_day <= on, Lending.last_day >= on)
