"""Two reveals in the same moment, with a database of their own: real connections, real threads."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from server import audit
from server.accounts.models import Organisation
from server.draws import ceremonies
from server.draws.models import LockedObject
from server.planning.ratios import Ratio
from tests.actors import Cast
from tests.server.draws.drawing import CITY, COUNTY, place


@pytest.fixture
def frozen(fresh_app):
    """A city and its county that are about to draw the same two mines, each allowed to visit them once a year."""
    cast, everything = Cast(fresh_app), {"ratio": Ratio(percent=Decimal(100)).as_json()}
    county = place(cast, COUNTY, mines=2, inspectors=2, **everything)
    city = place(cast, CITY, mines=0, inspectors=2, **everything)
    with audit.transaction(fresh_app.sessions) as session:
        for bureau in session.scalars(select(Organisation)):
            bureau.rules = {"visit": {"a_year": 1}}
    found = []
    for each in (city, county):
        ceremony = each.commits()
        each.step(ceremony, "freeze")
        found.append((each, ceremony))
    return found


@pytest.mark.parametrize("first", [0, 1], ids=["the city first", "the county first"])
def test_of_two_reveals_at_once_the_second_sees_what_the_first_drew(frozen, fresh_app, monkeypatch, first):
    drawn, go_on, lock = threading.Event(), threading.Event(), ceremonies._lock

    def pausing(session, *of):
        lock(session, *of)
        if not drawn.is_set():
            session.flush()
            drawn.set()
            assert go_on.wait(10)

    def reveal(whose):
        each, ceremony = frozen[whose]
        return each.planner.call("POST", f"/api/v1/ceremonies/{ceremony['id']}/reveal", json={})

    monkeypatch.setattr(ceremonies, "_lock", pausing)
    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(reveal, first)
        assert drawn.wait(10)
        two = pool.submit(reveal, 1 - first)
        time.sleep(0.5)  # by now it waits for the first, whose transaction is open
        was_waiting = not two.done()
        go_on.set()
        one, two = one.result(), two.result()

    assert was_waiting
    assert (one.status_code, len(one.get_json()["drawn"])) == (200, 2)
    assert (two.status_code, two.get_json()["code"], two.get_json()["count"]) == (409, "ceremony.over-cap", 2)
    with fresh_app.readers() as session:
        assert session.scalar(select(func.count()).select_from(LockedObject)) == 2
    late, ceremony = frozen[1 - first]
    assert late.file(ceremony)["state"] == "frozen"
