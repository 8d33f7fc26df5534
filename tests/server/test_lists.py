"""Every list of the console and of the public site costs what it shows, however much is stored.

What SQLite does is counted in steps of its machine: a list that reads through what it does not show does four times as many
where four times as much is stored, on whatever computer. `python -m tests.bench.lists` measures the same at a million.
"""

from collections.abc import Iterator

import pytest

from server import terms
from server.app import create_app
from server.board import service as board
from tests.bench.lists import compared_rows
from tests.bench.pages import PAGES
from tests.bench.province import Province
from tests.conftest import settings_for

SMALL, LARGE = 1_000, 4_000
GROWTH, SLACK = 1.3, 500
BOUND = 10
ROWS = 10
ASKERS = {"county", "province", "stranger"}
#: What may read through more than it shows, and why.
KNOWN = {
    "audit trail of an event": "passes over what happened elsewhere, within an index",
    "board (county)": "counts up to a bound in each column, which so small a county does not reach",
}
MOST_STATEMENTS = 32
"""Of a page of tasks: each is told with its rules. The log finds a day by halving, which takes a few more as it doubles."""


@pytest.fixture(scope="module")
def provinces(on_sqlite, tmp_path_factory) -> Iterator[dict[int, Province]]:
    filled = {}
    for size in (SMALL, LARGE):
        folder = tmp_path_factory.mktemp(f"province-{size}")
        app = create_app(settings_for(on_sqlite.fresh_url(folder), folder, MERESTONE_PUBLIC_A_MINUTE="0"))
        filled[size] = Province(app, size)
    yield filled
    for province in filled.values():
        province.app.close()


def test_a_list_costs_what_it_shows_however_much_is_stored(provinces, monkeypatch):
    # What is read up to a bound is bounded here by what so small a province has more of.
    monkeypatch.setattr(terms, "MOST", BOUND)
    monkeypatch.setattr(board, "MOST", BOUND)
    grown = []
    for page in PAGES:
        for asker in ASKERS & set(page.askers):
            rows = compared_rows(provinces, page, asker, ROWS)
            steps, statements = [], []
            for province in (provinces[SMALL], provinces[LARGE]):
                address = province.address_of(page, rows)
                steps.append(province.work(asker, address))
                statements.append(province.statements)
            named = f"{page.name} ({asker})"
            assert max(statements) <= MOST_STATEMENTS, (named, statements)
            if steps[1] > steps[0] * GROWTH + SLACK:
                grown.append((named, steps, rows))
    unknown = [each for each in grown if not each[0].startswith(tuple(KNOWN))]
    assert unknown == []
