"""The public site as readers meet it: every page of a whole bureau, and what must never stand on any.

The tests of a database share one bureau; the last one changes it.
"""

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest
from sqlalchemy import event, update

from server import audit
from server.admission import Throttle
from server.app import create_app
from server.demo import (
    PEOPLE,
    load_demo_draw,
    load_demo_plans,
    load_demo_publications,
    load_demo_registry,
)
from server.draws.models import Ceremony
from server.noticeboard.comparing import compare
from server.noticeboard.results import question_of
from server.noticeboard.showing import Leaf
from server.noticeboard.words import WORDS
from server.publicity.disclosing import Release, disclose
from server.publicity.models import Disclosure, DisclosureState
from server.publicity.rules import Reason
from server.publicity.standing import end
from tests.actors.client import Client
from tests.conftest import settings_for
from tests.planting import NUMBER
from tests.server.publicity.planted import SAID, plant

ROOT = Path(__file__).parents[3]
NOTICEBOARD = ROOT / "server" / "noticeboard"
HOSTILE = "<script>alert(1)</script>\"'&{{{{7*7}}}}" + "很长的企业名称" * 20 + "{:04}"
CODE = "91140522MA0K8XYW1A"
MOST_BYTES, MOST_QUESTIONS, SCRIPT_BYTES, MOST_OF_A_KIND = 100_000, 9, 12_000, 2


class Reading(HTMLParser):
    """What a page is made of: where it leads, what it loads, its headings, landmarks and labels."""

    def __init__(self, text):
        super().__init__()
        self.links, self.loads, self.tags, self.labels, self.controls = [], [], [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.tags.append(tag)
        if tag == "a":
            self.links.append(given["href"])
        if tag == "script" or (tag == "link" and given["rel"] in {"stylesheet", "icon"}):
            self.loads.append(given.get("src") or given.get("href"))
        if tag == "label":
            self.labels.add(given["for"])
        if tag in {"input", "select"}:
            self.controls.append(given["id"])
        assert not any(name.startswith("on") or name == "style" for name in given)


class Reader(Client):
    """A stranger who reads the site of a whole demo bureau, and counts what a page asks of the database."""

    def __init__(self, app):
        super().__init__(app)
        self.questions = 0
        event.listen(app.sessions.kw["bind"].engine, "before_cursor_execute", self._count)

    def _count(self, _connection, _cursor, statement, *_):
        self.questions += statement.lower().startswith(("select", "with"))

    def page(self, path, expect=200, **options):
        self.questions = 0
        response = self.call("GET", path, **options)
        assert response.status_code == expect, (path, response.status_code)
        return response.get_data(as_text=True)

    def found(self, **query):
        """The addresses of the results that a search shows, page by page."""
        text, addresses = self.page("/public/zh/results", query_string=query), []
        while True:
            addresses += re.findall(r'<h2><a href="(/public/zh/results/[^"]+)"', text)
            further = re.search(r'rel="next" href="([^"]+)"', text)
            if further is None:
                return addresses
            text = self.page(further[1].replace("&amp;", "&"))


@pytest.fixture(scope="module")
def site(database, tmp_path_factory):
    """A demo bureau with everything that it publishes, and results whose neighbours are full of canaries."""
    folder = tmp_path_factory.mktemp("site")
    app = create_app(settings_for(database.fresh_url(folder), folder, MERESTONE_PUBLIC_A_MINUTE="0"))
    app.testing = True
    reader = Reader(app)
    assert 'class="empty"' in "".join(reader.page(f"/public/en/{part}") for part in ("", "lists", "plans"))
    with audit.transaction(app.sessions) as session:
        load_demo_registry(session)
        load_demo_plans(session)
        load_demo_draw(session, app.installation.secret)
        load_demo_publications(session)
        ids = plant(session, 200, HOSTILE, CODE)
        disclose(session, [Release(each, SAID) for each in ids])
    yield reader
    app.close()


def test_every_page_of_a_bureau_is_light_whole_and_names_nobody(site):
    secrets = {each.name for each in PEOPLE} | {"郭树青", "梁秀英", "赵丽", "CANARY", str(NUMBER)}
    dress = len(site.page("/public/assets/site.css")) + SCRIPT_BYTES
    waiting, seen, kinds = ["/public/", "/public/sitemap.xml", "/public/en/feed.atom"], set(), Counter()
    while waiting:
        path = waiting.pop(0)
        kind = re.sub(r"[0-9a-f-]{36}|[0-9a-f]{64}|=[^&]*|\d+", "…", path)
        if path in seen or kinds[kind] == MOST_OF_A_KIND:
            continue
        seen.add(path)
        kinds[kind] += 1
        site.questions = 0
        response = site.call("GET", path)
        text = response.get_data(as_text=True)
        assert response.status_code == 200, path
        assert site.questions <= MOST_QUESTIONS, (path, site.questions)
        assert not {each for each in secrets if each in text}, path
        if response.mimetype != "text/html":
            continue
        assert "<script>alert" not in text
        assert len(response.get_data()) + dress <= MOST_BYTES, path
        read = Reading(text)
        assert [read.tags.count(tag) for tag in ("h1", "main", "header", "footer", "title")] == [1] * 5, path
        assert set(read.controls) <= read.labels, path
        assert all(each.startswith("/public/assets/") for each in read.loads), path
        assert all(each.startswith(("/public/", "#")) for each in read.links), path
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]
        waiting += [each for each in read.links if each.startswith("/public/")]
    assert len(kinds) > 40


def test_a_page_that_is_the_same_still_is_not_sent_again(site):
    first = site.call("GET", "/public/en/plans")
    tag = {"If-None-Match": first.headers["ETag"]}
    assert (first.headers["Cache-Control"], first.headers["Content-Language"]) == ("public, max-age=60", "en")
    assert site.call("GET", "/public/en/plans", headers=tag).status_code == 304
    dressed = re.search(r'href="(/public/assets/site.css\?v=\w+)"', first.get_data(as_text=True))[1]
    assert "immutable" in site.call("GET", dressed).headers["Cache-Control"]
    assert "immutable" not in site.call("GET", "/public/assets/site.css").headers.get("Cache-Control", "")


def test_results_are_found_by_name_code_matter_time_and_outcome_each_once(site):
    everything = site.found()
    assert len(everything) == len(set(everything)) == 200
    asked = site.questions
    assert set(site.found(q="<script>alert")) == set(everything)
    assert set(site.found(q=CODE[:9].lower())) == set(site.found(q=f" {CODE} ")) == set(everything)
    assert site.found(q="script>") == site.found(q=f"{CODE[:8]}ZZ") == site.found(outcome="problem") == []
    assert len(site.found(item="I7")) == 2
    assert site.questions == asked
    assert len(site.found(item="I7", region="140500", outcome="no_problem", first="2020-01-01")) == 2
    assert site.found(item="I7", region="130000") == site.found(last="2020-01-01") == []
    assert "没有符合条件的公示结果" in site.page("/public/zh/results?q=不存在的企业")
    shown = site.page(everything[0])
    assert "&lt;script&gt;alert(1)&lt;/script&gt;&#34;&#39;&amp;{{7*7}}" in shown
    of_object = re.search(r"/public/zh/objects/[0-9a-f-]+", shown)[0]
    assert site.page(of_object).count('class="card ') == 20
    site.page(f"/public/zh/objects/{UUID(int=1)}", expect=404)


def test_a_changed_plan_shows_old_beside_new_and_its_table_has_the_new(site):
    heads = site.get("/public/plans?year=2023&region=140522")
    changed = next(each for each in heads if each["version"] == 2)
    text = site.page(f"/public/zh/plans/{changed['id']}")
    before, after = re.search(r"<del>([^<]*)</del></td><td><ins>([^<]*)</ins>", text).groups()
    assert after == "2023年10月1日—2023年11月30日"
    assert before != after
    first = site.page(f"/public/zh/plans/{changed['id']}/versions/1")
    assert "这是较早的版本" in first
    assert "<ins>" not in first
    table = site.page(f"/public/files/plans/{changed['id']}/2.csv")
    assert after in table
    assert table.lstrip("\ufeff").startswith("序号,任务编号,抽查任务")
    assert "一、抽查依据" in site.page(re.search(r"/public/zh/schemes/[0-9a-f-]+/1", text)[0])


def test_a_list_shows_its_entries_with_their_law_and_what_held_on_a_day(site):
    (listed,) = site.get("/public/lists?kind=items")
    text = site.page(f"/public/zh/lists/{listed['sha256']}")
    assert "抽查依据" in text
    assert text.count('class="card"') == min(20, listed["count"])
    held, never = (site.page(f"/public/zh/lists?on={day}") for day in (listed["effective_on"], "1999-01-01"))
    assert listed["sha256"] in held
    assert "没有符合条件的已公布清单" in never
    site.page(f"/public/zh/lists/{'0' * 64}", expect=404)


def test_what_cannot_be_shown_says_so_in_a_page_and_json_stays_json(site, monkeypatch):
    assert "没有这个页面" in site.page("/public/zh/nothing/at/all", expect=404)
    assert "There is no such page" in site.page(f"/public/en/plans/{UUID(int=1)}", expect=404)
    assert site.call("GET", f"/public/zh/draws/{UUID(int=1)}").headers["Cache-Control"] == "no-store"
    assert site.get("/public/nothing", expect=404)["code"] == "url.not-found"
    for query in ("q=x", "first=yesterday", "after=x", "outcome=good"):
        assert "无法识别" in site.page(f"/public/zh/results?{query}", expect=422)
    assert site.page("/public/zh/results?q=&region=&unknown=1")
    monkeypatch.setattr(site.app, "throttle", Throttle(1))
    site.page("/public/zh/about")
    told = site.call("GET", "/public/zh/about")
    assert told.status_code == 429
    assert "访问过于频繁" in told.get_data(as_text=True)
    assert int(told.headers["Retry-After"]) <= 60


def test_feed_and_site_map_are_well_formed_and_lead_to_pages_that_are_there(site):
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ET.fromstring(site.page("/public/zh/feed.atom"))
    updated = [each.text for each in feed.iter(f"{atom}updated")]
    assert updated[0] == updated[1] == max(updated)
    places = {each.get("href") for entry in feed.iter(f"{atom}entry") for each in entry.iter(f"{atom}link")}
    mapped = {each.text for each in ET.fromstring(site.page("/public/sitemap.xml")).iter() if each.text}
    assert len(places) >= 6
    assert places < mapped
    for place in places:
        site.page(place.removeprefix("http://localhost"))
    assert "Disallow: /public/*/results" in site.page("/robots.txt")
    assert '"noindex"' in site.page("/public/zh/results")


def test_a_draw_is_shown_as_its_file_says_and_what_is_withdrawn_leaves_a_trace(site):
    (drawn,) = site.get("/public/draws")
    file = site.get(f"/public/draws/{drawn['id']}")
    text = site.page(f"/public/zh/draws/{drawn['id']}")
    people = [person for visit in file["visits"] for team in visit["teams"].values() for person in team]
    for each in (*(file[name] for name in ("commitment", "frame_digest", "secret", "seed")), *people):
        assert each in text
    assert re.findall(r'data-object="([^"]+)"', text) == file["drawn"]
    program = site.call("GET", "/public/files/verify_draw.py").data
    assert program == (ROOT / "docs" / "verify_draw.py").read_bytes()
    assert len(site.page(f"/public/files/draws/{drawn['id']}.csv").splitlines()) == len(file["drawn"]) + 1

    address, other, *_ = site.found()
    unrevealed = {"frame_digest": "", "secret": "", "seed": "", "state": "committed"}
    with audit.transaction(site.app.sessions) as session:
        gone = session.get_one(Disclosure, UUID(address.rsplit("/", 1)[1]))
        of_object = gone.object_id
        end(gone, (), DisclosureState.WITHDRAWN, Reason.ENTERED_WRONGLY)
        session.get_one(Disclosure, UUID(other.rsplit("/", 1)[1])).objection = "filed"
        nothing = dict.fromkeys(("frame", "outcome", "frozen_at", "revealed_at", "published_at"))
        session.execute(update(Ceremony).values(**unrevealed, **nothing))
    told = site.page(address, expect=410)
    assert "录入有误" in told
    assert "alert(1)" not in told
    assert "entered wrongly" in site.page(address.replace("/zh/", "/en/"), expect=410)
    assert address not in site.found()
    assert "异议处理中" in site.page(other)
    assert 'class="card withdrawn"' in site.page(f"/public/zh/objects/{of_object}")
    early = site.page(f"/public/zh/draws/{drawn['id']}")
    assert early.count("尚未进行") == 3
    assert 'id="checking"' not in early


def test_versions_are_compared_entry_by_entry_and_field_by_field():
    old = [{"code": "A", "name": "甲", "ratio": "5%"}, {"code": "B", "name": "乙", "ratio": "5%"}]
    new = [{"code": "A", "name": "甲", "ratio": "10%"}, {"code": "C", "name": "丙", "ratio": ["1%", "2%"]}]
    changes = compare(old, new, "code", {"ratio": "Share"})
    told = [(each.kind, each.name, [(it.before, it.after) for it in each.differences]) for each in changes]
    assert told == [("added", "丙", []), ("removed", "乙", []), ("changed", "甲", [("5%", "10%")])]
    assert compare(old, old, "code", {"ratio": "Share"}) == []


def test_every_word_of_the_site_has_its_chinese_and_none_is_left_over():
    sources = [*NOTICEBOARD.rglob("*.html"), *NOTICEBOARD.rglob("*.xml"), *NOTICEBOARD.rglob("*.py")]
    texts = "\n".join(each.read_text() for each in sources if each.name != "words.py")
    assert set(re.findall(r"say\('((?:[^'\\]|\\.)+)'", texts)) <= set(WORDS)
    quoted = set(re.findall(r"'([^'\n]+)'", texts)) | set(re.findall(r'"([^"\n]+)"', texts))
    assert set(WORDS) <= quoted | set(DisclosureState)
    for english, chinese in WORDS.items():
        assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", chinese))


def test_what_is_typed_is_a_code_or_a_name():
    assert question_of({"q": "91140522"}).code_begins == "91140522"
    assert question_of({"q": "91140522ma0k8xyw1a "}).code_begins == CODE
    assert question_of({"q": "9114052"}).name == "9114052"
    assert question_of({"q": "阳城县大宁煤矿"}).name == "阳城县大宁煤矿"
    assert question_of({}).name is None


def test_a_leaf_behind_the_last_is_the_last():
    assert Leaf.of(list("abcde"), 9, 2) == Leaf(["e"], 3, 3, 5)
    assert Leaf.of([], 1, 2) == Leaf([], 1, 1, 1)
