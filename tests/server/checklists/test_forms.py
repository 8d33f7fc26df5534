"""Published forms: versions never change, are retired and restored, and phones hear of it."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Engine, event, select, text

from forms.catalog import catalog
from server import audit, cli, feed
from server.access import SYSTEM, Role
from server.audit import AuditEntry
from server.checklists import publishing, service
from server.db import open_engine
from server.feed import FeedRow
from server.migrate import migrate
from server.problems import FormFaulty, FormUncompilable
from tests.actors import Cast
from tests.actors.author import FORMS, author
from tests.actors.phone import SPOT_CHECK
from tests.conftest import settings_for
from tests.server.checklists.written import a_form, spot_check

FEED = "select recipient, kind, entity, reason from feed_reason order by entity, reason"


@pytest.fixture
def admin(cast):
    return author(cast)


def facts(session, *actions):
    query = select(AuditEntry.action).where(AuditEntry.action.in_(actions))
    return list(session.scalars(query.order_by(AuditEntry.seq)))


def test_a_published_form_is_listed_and_its_bytes_are_served_for_good(admin, cast):
    published = admin.writes_and_publishes(a_form())
    inspector = cast.signed_in(Role.INSPECTOR)

    listed = inspector.get("/api/v1/forms")
    response = inspector.get("/api/v1/forms/road_check/versions/1/xform")

    assert [each["form_id"] for each in listed] == ["road_check"]
    assert inspector.get("/api/v1/forms/road_check/versions/1") == published
    assert hashlib.sha256(response.data).hexdigest() == published["sha256"]
    assert "immutable" in response.headers["Cache-Control"]


def test_the_next_version_is_written_from_the_source_of_the_last(admin, cast):
    admin.writes_and_publishes(a_form())
    source = f"{FORMS}/road_check/versions/1/source"

    answer = admin.get(source)

    assert answer.data.decode() == a_form()
    assert (answer.mimetype, "attachment" in answer.headers["Content-Disposition"]) == ("text/markdown", True)
    assert admin.get(f"{FORMS}/road_check/versions/2/source", expect=404)["code"] == "form.not-found"
    assert cast.signed_in(Role.INSPECTOR).get(source, expect=403)["code"] == "access.denied"


def test_the_same_form_published_twice_is_one(admin):
    assert admin.writes_and_publishes(a_form()) == admin.writes_and_publishes(a_form())
    assert len(admin.get("/api/v1/forms")) == 1


def test_other_content_under_a_published_version_is_refused(admin):
    admin.writes_and_publishes(a_form())

    answer = admin.writes_and_publishes(a_form(label="改过的"), expect=409)

    assert (answer["code"], answer["version"]) == ("form.version-exists", "1")


def test_a_new_version_is_the_one_to_use_and_the_old_one_stays(admin, session):
    admin.writes_and_publishes(a_form(version="1"))
    admin.writes_and_publishes(a_form(version="2"))

    assert service.form_view(session, ["road_check"])["road_check"]["version"] == "2"
    assert admin.get("/api/v1/forms/road_check/versions/1")["version"] == "1"


def test_an_inspector_may_read_forms_but_neither_write_nor_retire_them(admin, cast):
    admin.writes_and_publishes(a_form())
    inspector = author(cast, Role.INSPECTOR)

    assert inspector.writes(a_form(version="2"), expect=403)["code"] == "access.denied"
    assert inspector.retires("road_check", "1", expect=403)["code"] == "access.denied"
    assert inspector.restores("road_check", "1", expect=403)["code"] == "access.denied"
    assert inspector.get("/api/v1/forms/road_check/versions/2", expect=404)["code"] == "form.not-found"


def test_the_forms_that_ship_are_published_once(app, session, cast):
    for _ in range(2):
        with audit.transaction(app.sessions) as writing:
            service.publish_catalogue(writing, service.read_catalogue(service.unpublished(writing)))

    listed = cast.signed_in(Role.INSPECTOR).get("/api/v1/forms")

    assert [each["form_id"] for each in listed] == [each.form_id for each in catalog()]


def test_the_forms_that_ship_are_read_while_no_transaction_is_open(database, tmp_path, monkeypatch):
    under_way, read, really = set(), [], publishing.read_source

    def begins(connection):
        under_way.add(connection)

    def ends(connection):
        under_way.discard(connection)

    def reads(source, source_type):
        read.append(len(under_way))
        return really(source, source_type)

    monkeypatch.setattr(publishing, "read_source", reads)
    monkeypatch.setattr(publishing, "catalog", lambda: catalog()[:1])
    listening = [(Engine, "begin", begins), (Engine, "commit", ends), (Engine, "rollback", ends)]
    for each in listening:
        event.listen(*each)
    settings = settings_for(database.fresh_url(tmp_path), tmp_path)
    try:
        for _ in range(2):
            cli._prepare(settings)
    finally:
        for each in listening:
            event.remove(*each)

    assert read == [0], "read once, and PostgreSQL ends a transaction that does nothing meanwhile"


def test_a_form_that_ships_is_linted_like_any_other(session):
    with pytest.raises(FormFaulty):
        service.publish(session, SYSTEM, a_form(hint="").encode(), ".md")
    with pytest.raises(FormUncompilable):
        service.publish(session, SYSTEM, b"", ".md")
    with pytest.raises(FormUncompilable):
        service.publish(session, SYSTEM, a_form().encode(), ".doc")


# Retired and restored


def test_when_the_newest_is_retired_the_next_newest_is_offered(visit):
    admin = author(visit.cast)
    admin.writes_and_publishes(spot_check("2"))
    visit.lead.pulls()
    assert visit.lead.shows("form")["spot_check"]["version"] == "2"

    retired = admin.retires("spot_check", "2")

    visit.lead.pulls()
    assert visit.lead.shows("form")["spot_check"]["version"] == "1"
    assert retired["retired_at"]
    admin.restores("spot_check", "2")
    visit.lead.pulls()
    assert visit.lead.shows("form")["spot_check"]["version"] == "2"


def test_when_none_is_left_the_form_drops_from_the_phones_and_comes_back(visit):
    admin = author(visit.cast)
    cursor = visit.lead.state.cursor

    admin.retires("spot_check", "1")

    page = visit.lead.get("/api/v1/sync/pull", query_string={"cursor": cursor})
    [item] = [each for each in page["items"] if each["kind"] == "form"]
    assert (item["op"], item["id"], item["why"], item["via"]) == ("drop", "spot_check", "retired", "forms")
    visit.lead.pulls()
    assert "spot_check" not in visit.lead.shows("form")
    admin.restores("spot_check", "1")
    visit.lead.pulls()
    assert visit.lead.shows("form")["spot_check"]["version"] == "1"


def test_an_older_version_retired_changes_nothing_for_the_phones(visit):
    admin = author(visit.cast)
    admin.writes_and_publishes(spot_check("2"))

    admin.retires("spot_check", "1")
    admin.retires("spot_check", "2")
    admin.restores("spot_check", "1")

    visit.lead.pulls()
    assert visit.lead.shows("form")["spot_check"]["version"] == "1"


def test_a_retired_version_still_takes_records(visit):
    visit.lead.pulls()
    record = visit.lead.fills(visit.task)
    author(visit.cast).retires("spot_check", "1")

    [answer] = visit.lead.pushes()

    assert (answer["outcome"], answer["flags"]) == ("accepted", [])
    assert visit.lead.drafts[record].form.version == "1"


def test_retiring_and_restoring_twice_is_done_once(admin, session):
    admin.writes_and_publishes(a_form())

    first = admin.retires("road_check", "1")
    assert admin.retires("road_check", "1") == first
    assert admin.restores("road_check", "1") == admin.restores("road_check", "1")

    assert facts(session, "form.published", "form.retired", "form.restored") == [
        "form.published",
        "form.retired",
        "form.restored",
    ]


def test_a_retired_version_published_again_stays_retired(admin):
    admin.writes_and_publishes(a_form())
    admin.retires("road_check", "1")

    assert admin.writes_and_publishes(a_form())["retired_at"]


def test_two_versions_retired_at_once_leave_nothing_offered(fresh_app):
    people = [author(Cast(fresh_app)) for _ in range(2)]
    for version in "12":
        people[0].writes_and_publishes(a_form(version=version))

    with ThreadPoolExecutor(2) as pool:
        retired = list(
            pool.map(lambda each: each[0].retires("road_check", each[1]), zip(people, "12", strict=True))
        )

    assert all(each["retired_at"] for each in retired)
    with fresh_app.readers() as session:
        row = session.get(FeedRow, (feed.channel("forms"), "form", "road_check"))
        assert (row.live, row.why) == (False, "retired")


def test_a_version_that_is_not_there_is_neither_retired_nor_restored(admin):
    assert admin.retires("road_check", "9", expect=404)["code"] == "form.not-found"
    assert admin.restores("road_check", "9", expect=404)["code"] == "form.not-found"


def test_a_form_without_an_offered_version_still_has_a_body_for_a_pull_that_is_under_way(admin, session):
    admin.writes_and_publishes(a_form())
    admin.retires("road_check", "1")

    assert service.form_view(session, ["road_check"])["road_check"]["version"] == "1"
    assert service.newest(session, ["road_check"]) == {}


# Compared


def test_two_versions_are_compared(admin, cast):
    admin.writes_and_publishes(a_form(version="1"))
    admin.writes_and_publishes(a_form(version="2", label="情况", required="yes"))
    admin.retires("road_check", "1")

    compared = author(cast, Role.INSPECTOR).compares("road_check", "1", "2")

    assert (compared["form_id"], compared["old"], compared["new"]) == ("road_check", "1", "2")
    assert compared["counts"] == {"label": 1, "required": 1}
    assert compared["keeps_every_answer"] is True
    label = next(each for each in compared["changes"] if each["kind"] == "label")
    assert (label["path"], label["message"]) == ("/data/note", "问题“记录”的文字改为“情况”")
    assert label["new"]["zh"] == "情况"
    assert author(cast, Role.INSPECTOR).compares("road_check", "2", "2")["changes"] == []


def test_versions_that_are_not_there_are_not_compared(admin, cast):
    admin.writes_and_publishes(a_form())

    for old, new in (("1", "9"), ("9", "1")):
        assert admin.compares("road_check", old, new, expect=404)["code"] == "form.not-found"
    assert author(cast, Role.OPERATOR).compares("road_check", "1", "1", expect=403)["code"] == "access.denied"


# An installation that published forms before versions could be retired


def test_forms_published_before_keep_their_place_on_the_phones(database, tmp_path):
    engine = open_engine(database.empty_url(tmp_path))
    migrate(engine, "20261120_01")
    with engine.begin() as connection:
        for version, retired in (("1", "null"), ("2", "null"), ("3", "'2026-11-21 00:00:00'")):
            connection.execute(
                text(
                    "insert into form_version (form_id, version, title, sha256, xform, source, source_type,"
                    " published_at, retired_at) values ('a', :version, 't', 's', :bytes, :bytes, '.md',"
                    f" '2026-11-20 00:00:00', {retired})"
                ),
                {"version": version, "bytes": b"x"},
            )
        connection.execute(text("insert into feed_reason values ('channel:forms', 'form', 'a', 'published')"))
        connection.execute(text("insert into feed_reason values ('user:x', 'task', 't', 'published')"))

    migrate(engine)
    with engine.connect() as connection:
        ours = ("channel:forms", "form", "a")
        others = ("user:x", "task", "t", "published")
        assert list(connection.execute(text(FEED))) == [(*ours, "1"), (*ours, "2"), others]
    migrate(engine, "20261120_01")
    with engine.connect() as connection:
        assert list(connection.execute(text(FEED))) == [(*ours, "published"), others]
    engine.dispose()


def test_the_form_of_the_tests_is_one_that_may_be_published(session):
    findings = service.read_source(SPOT_CHECK.encode(), ".md").findings
    assert {each["severity"] for each in findings} <= {"warning"}


def test_an_open_draft_moves_to_the_new_version_with_a_list_of_what_changed(admin, cast):
    admin.writes_and_publishes(a_form())
    admin.writes_and_publishes(
        a_form(version="2", required="true()").replace("| image | photo |", "| image | view |")
    )
    phone = cast.signed_in(Role.INSPECTOR)
    draft = (
        b'<data id="road_check" version="1"><note/><photo>a.jpg</photo>'
        b"<meta><instanceID>uuid:1</instanceID></meta></data>"
    )

    moved = phone.call("POST", "/api/v1/forms/road_check/versions/1/migrate/2", data=draft).get_json()

    assert 'version="2"' in moved["xml"]
    assert "uuid:1" in moved["xml"]
    told = {(each["kind"], each["old_path"] or each["path"]): each for each in moved["changes"]}
    assert told["left_over", "/data/photo"]["text"] == "a.jpg"
    assert ("required", "/data/note") in told
    assert all(each["message"] and each["message_en"] for each in moved["changes"])


def test_a_draft_that_cannot_be_moved_stays_with_its_version(admin, cast):
    admin.writes_and_publishes(a_form())
    admin.writes_and_publishes(a_form(version="2"))
    phone = cast.signed_in(Role.INSPECTOR)

    for draft in (b"<!DOCTYPE x><data/>", b'<data id="other" version="1"/>', b"\xff"):
        answer = phone.call("POST", "/api/v1/forms/road_check/versions/1/migrate/2", data=draft)
        assert answer.status_code == 422
        assert answer.get_json()["code"] == "form.instance-unusable"
    missing = phone.call("POST", "/api/v1/forms/road_check/versions/1/migrate/3", data=b"<data/>")
    assert missing.get_json()["code"] == "form.not-found"
