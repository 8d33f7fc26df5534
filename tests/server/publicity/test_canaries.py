"""Ten thousand public results hold nothing that is not on the whitelist.

Every column of every table that a result comes from is filled with a canary, but for those that the whitelist names
and those that have to hold something the database understands. None of them is ever seen outside.
"""

import json
from datetime import timedelta

from sqlalchemy import update

from server import audit, clock
from server.accounts.models import Organisation
from server.publicity.disclosing import Release, disclose, disclose_earlier
from server.publicity.models import Disclosure
from server.registry.models import InspectedObject
from server.results.models import Result
from tests.planting import NUMBER, filled
from tests.server.publicity.planted import ITEMS, SAID, plant


def read(stranger, path, parts=1000):
    """The texts behind an address, part by part along their links."""
    texts = []
    while path and len(texts) < parts:
        response = stranger.call("GET", path)
        assert response.status_code == 200
        texts.append(response.get_data(as_text=True))
        link = response.headers.get("Link")
        path = link and link[1 : link.index(">")]
    return texts


def test_ten_thousand_public_results_hold_no_canary(cast, database):
    count = 10_000 if database.name == "sqlite" else 500
    cast.organisation()
    with audit.transaction(cast.app.sessions) as session:
        session.query(Organisation).update({"rules": {"publicity": {"targets": ["portal"]}}})
        ids = plant(session, count)
        assert (disclose_earlier(session, 3), disclose_earlier(session, 3)) == (3, min(3, count // ITEMS - 3))
        for start in range(0, count, 1000):
            disclose(session, [Release(each, SAID) for each in ids[start : start + 1000]])
        again = disclose(session, [Release(each, SAID) for each in ids[:10]])
        assert again == []
        session.execute(update(Disclosure).values(changed_at=clock.now() - timedelta(minutes=2)))
    stranger = cast.stranger()
    whole = read(stranger, "/public/files/results.json")
    assert sum(len(json.loads(told)) for told in whole) == count
    # The same rows in their other spellings: the first thousand are enough to see what a spelling tells.
    table = read(stranger, "/public/files/results.csv", parts=1)
    found = read(stranger, "/public/results?limit=200", parts=5)
    for told in (*whole, *table, *found):
        for secret in ("CANARY", str(NUMBER), "110101199003070011"):
            assert secret not in told
    one = stranger.get("/public/results?limit=1")[0]
    detail = stranger.call("GET", f"/public/results/{one['id']}").get_data(as_text=True)
    assert "CANARY" not in detail
    assert one["object_name"].startswith("金丝雀石料厂")


def test_the_canaries_would_be_seen():
    row = filled(InspectedObject, region="140522")
    assert row["phone"].startswith("CANARY")
    assert row["latitude"] == NUMBER
    assert filled(Result)["findings_text"].startswith("CANARY")
