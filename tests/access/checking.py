"""Asking the server and the oracle the same questions, and counting."""

import itertools
import random
from collections import Counter

from server.access import Actor, Permission, Role, require
from server.draws import service as draws
from server.draws.models import Draw
from server.inspections import service as inspections
from server.inspections.models import QuarantineCase, Record, Task
from server.planning import service as planning
from server.planning.models import Plan
from server.platform import service as platform
from server.platform.models import Delivery
from server.problems import AccessDenied, OutsideJurisdiction
from server.publicity import service as publicity
from server.publicity.models import Publication
from server.quarantine import service as quarantine
from server.registry import service as registry
from server.registry.models import InspectedObject
from server.reports import service as reports
from server.reports.models import ReportSnapshot
from server.results import followups
from server.results import service as results
from server.results.models import Followup, Result
from tests.access import oracle

LISTS = {
    Task: (Permission.TASK_READ, lambda _, actor: inspections.visible_tasks(actor)),
    Record: (Permission.RECORD_READ, lambda _, actor: inspections.visible_records(actor)),
    Result: (Permission.RESULT_READ, lambda _, actor: results.results_within(actor)),
    Followup: (Permission.RESULT_READ, lambda _, actor: followups.followups_within(actor)),
    Publication: (Permission.PUBLICITY_READ, lambda _, actor: publicity.publications_within(actor)),
    Delivery: (Permission.DELIVERY_READ, lambda _, actor: platform.deliveries_within(actor)),
    InspectedObject: (Permission.OBJECT_READ, registry.objects_within),
    Plan: (Permission.PLAN_READ, lambda _, actor: planning.plans_within(actor)),
    Draw: (Permission.DRAW_READ, lambda _, actor: draws.draws_within(actor)),
    ReportSnapshot: (Permission.REPORT_READ, lambda _, actor: reports.snapshots_within(actor)),
    QuarantineCase: (Permission.QUARANTINE_READ, lambda _, actor: quarantine.visible_cases(actor)),
}


class _Subject:
    def __init__(self, region):
        self.region = region


def check_guards(chance: random.Random, count: int) -> Counter:
    """Attempt `count` things that may be allowed or not; returns how often each answer came. Raises on a difference."""
    regions = [*oracle.PARENTS, *oracle.STRANGE]
    roles = [frozenset(some) for size in (0, 1, 2) for some in itertools.combinations(Role, size)]
    permissions, subjects = list(Permission), [_Subject(region) for region in oracle.PARENTS]
    answers: Counter = Counter()
    while answers.total() < count:
        held, region = chance.choice(roles), chance.choice(regions)
        actor = Actor(None, "", held, None, region)
        for permission in permissions:
            for subject in subjects:
                told = attempt(actor, permission, subject)
                expected = oracle.allows(held, region, permission, subject.region)
                assert told == expected, (sorted(held), region, permission, subject.region, told)
                answers[told] += 1
    return answers


def attempt(actor, permission, subject):
    """What `require` says."""
    try:
        require(actor, permission, subject)
    except AccessDenied:
        return "denied"
    except OutsideJurisdiction:
        return "outside"
    return "ok"


def check_lists(session, actors, things) -> Counter:
    """Read every list as everybody and compare it thing by thing; returns how many were seen and hidden."""
    answers: Counter = Counter()
    for actor, (model, (permission, select_for)) in itertools.product(actors, LISTS.items()):
        expected = {thing.id for thing in things[model] if oracle.sees(actor, permission, thing)}
        there_is_a_list = oracle.roles_that(actor.roles, permission)
        try:
            found = set(session.scalars(select_for(session, actor).with_only_columns(model.id)))
        except AccessDenied:
            assert not there_is_a_list, (actor, permission)
            found = set()
        else:
            assert there_is_a_list, (actor, permission)
        assert found == expected, (actor, model.__name__, found ^ expected)
        answers["seen"] += len(found)
        answers["hidden"] += len(things[model]) - len(found)
    return answers
