"""Answers as data: paths that outlive moves, flat rows for ledgers, differences between revisions."""

import time
from datetime import date
from decimal import Decimal

import pytest
from lxml import etree

from forms import compose_instance, parse_instance, read_answers
from forms.answers.differences import diff_answers
from forms.answers.keys import quoted, repeat_keys
from forms.answers.rows import answer_rows
from tests.forms.filled import ENDED, STARTED
from tests.forms.versions import group, repeat, row, version

UNIQUE = "count(../../markers) <= 60 and count(../../markers[no = current()/.]) <= 1"
FORM = version(
    row("text", "place", "地点 / Place"),
    row("note", "told", "说明 / Note"),
    group("owner", "业主 / Owner", row("text", "name", "姓名 / Name"), row("select_one state", "state", "现状 / State")),
    repeat(
        "markers",
        "界桩 / Markers",
        row("text", "no", "编号 / Number", constraint=UNIQUE),
        row("select_multiple state", "states", "情况 / Condition"),
        row("decimal", "moved", "位移 / Moved"),
        row("image", "photo", "照片 / Photo"),
        repeat("views", "方位 / Views", row("text", "view", "方位 / View")),
    ),
    repeat("notes", "备注 / Notes", row("calculate", "row_id", calculation="once(uuid())"), row("text", "note", "备注")),
    repeat("days", "日期 / Days", row("date", "day", "日期 / Day")),
)  # fmt: skip


def answers(filled, form=FORM):
    xml = compose_instance(form, filled, "uuid:77", started_at=STARTED, ended_at=ENDED)
    return read_answers(form, parse_instance(xml))


def markers(*numbers, **more):
    return answers({"/data/markers": [{"no": number, **more} for number in numbers]})


def stable(given):
    return [given.stable_paths[each.path] for each in given if each.text]


# Stable paths


def test_an_instance_of_a_repeat_is_named_by_its_key():
    given = answers(
        {
            "/data/place": "东侧",
            "/data/owner": {"name": "王某"},
            "/data/markers": [{"no": "J1"}, {"no": "J2", "views": [{"view": "北"}, {"view": "南"}]}],
            "/data/notes": [{"row_id": "a-1", "note": "x"}],
            "/data/days": [{"day": date(2026, 9, 14)}],
        }
    )

    assert stable(given) == [
        "/data/place",
        "/data/owner/name",
        "/data/markers[no='J1']/no",
        "/data/markers[no='J2']/no",
        "/data/markers[no='J2']/views[1]/view",
        "/data/markers[no='J2']/views[2]/view",
        "/data/notes[row_id='a-1']/row_id",
        "/data/notes[row_id='a-1']/note",
        "/data/days[1]/day",
    ]
    assert given.stable_paths["/data/markers[2]"] == "/data/markers[no='J2']"


@pytest.mark.parametrize("number", ["J1", "J'1", 'J"1', """J'1"2""", "一 号", "]", "='"])
def test_a_stable_path_finds_the_element_whatever_the_key_holds(number):
    filled = {"/data/markers": [{"no": "J0"}, {"no": number, "moved": Decimal("1.5")}]}
    xml = compose_instance(FORM, filled, "uuid:77", started_at=STARTED, ended_at=ENDED)

    path = read_answers(FORM, parse_instance(xml)).stable_paths["/data/markers[2]/moved"]

    assert [each.text for each in etree.fromstring(xml).xpath(path)] == ["1.5"]


def test_quotes_in_a_key_are_written_as_xpath_can_read_them():
    assert [quoted(text) for text in ("a", "a'b", """a'b"c""")] == [
        "'a'",
        '"a\'b"',
        """concat('a', "'", 'b"c')""",
    ]


def test_a_blank_key_leaves_the_index_and_a_doubled_one_is_counted():
    filled = {"/data/markers": [{"no": "J1"}, {"moved": Decimal(2)}, {"no": "J1", "moved": Decimal(3)}]}
    xml = compose_instance(FORM, filled, "uuid:77", started_at=STARTED, ended_at=ENDED)
    given = read_answers(FORM, parse_instance(xml))

    assert given.stable_paths["/data/markers[2]/moved"] == "/data/markers[2]/moved"
    assert given.stable_paths["/data/markers[3]/moved"] == "/data/markers[no='J1'][2]/moved"
    root = etree.fromstring(xml)
    for path, expected in (("/data/markers[2]/moved", "2"), ("/data/markers[no='J1'][2]/moved", "3")):
        assert [each.text for each in root.xpath(path)] == [expected]
    assert len(set(given.stable_paths.values())) == len(given.stable_paths)


def test_an_answer_is_found_by_either_path():
    given = markers("J1", "J2", photo="a.jpg")

    assert given.get("/data/markers[2]/photo") is given.get("/data/markers[no='J2']/photo")
    assert given.get("/data/markers[2]/photo").text == "a.jpg"
    assert given.get("/data/markers[3]/photo") is None
    assert given.get("/data/markers[2]") is None


@pytest.mark.parametrize(
    ("constraint", "key"),
    [
        ("count(../../rows[n = current()/.]) <= 1", "n"),
        ("count(/data/rows[ ./n=current()/../n ])<2", "n"),
        ("count(${rows}[n = current()/.]) = 1", "n"),
        (". != '' and (count(../../rows) <= 50) and count(../../rows[n = current()/.]) <= 1", "n"),
        ("count(../../rows[n = current()/.]) <= 2", None),
        ("count(../../rows[n = current()/.]) <= 1 or true()", None),
        ("not(count(../../rows[n = current()/.]) <= 1)", None),
        ("count(../../other[n = current()/.]) <= 1", None),
        ("count(../../rows[m = current()/.]) <= 1", None),
        (". != ' and count(../../rows[n = current()/.]) <= 1'", None),
    ],
)
def test_a_key_is_what_must_be_unique_over_its_repeat(constraint, key):
    form = version(
        repeat("rows", "行", row("text", "m", "m"), row("text", "n", "n", constraint=constraint)),
        repeat("other", "他", row("text", "n", "n")),
    )

    assert repeat_keys(form).get("/data/rows") == key


def test_a_key_may_stand_in_a_group_of_the_row_but_not_in_an_inner_repeat():
    unique = "count(../../../rows[id/n = current()/.]) <= 1"
    form = version(
        repeat(
            "rows",
            "行",
            group("id", "标识", row("text", "n", "n", constraint=unique)),
            repeat("inner", "内", row("calculate", "row_id", calculation="once(uuid())")),
        )
    )

    assert repeat_keys(form) == {"/data/rows": "id/n", "/data/rows/inner": "row_id"}
    given = answers({"/data/rows": [{"id": {"n": "7"}, "inner": [{"row_id": "x"}]}]}, form)
    assert stable(given)[1] == "/data/rows[id/n='7']/inner[row_id='x']/row_id"


def test_the_forms_that_ship_have_a_key_for_their_markers(mine):
    assert repeat_keys(mine)["/data/markers"] == "marker_no"


# Rows


def test_a_record_is_one_row_and_each_repeat_a_table_of_its_own():
    given = answers(
        {
            "/data/place": "东侧",
            "/data/owner": {"name": "王某", "state": "broken"},
            "/data/markers": [
                {
                    "no": "J1",
                    "moved": Decimal("1.50"),
                    "states": ["broken", "missing"],
                    "views": [{"view": "北"}],
                },
                {"no": "J2", "views": [{"view": "东"}, {"view": "西"}]},
            ],
        }
    )

    main, shown, views, notes, _ = answer_rows(given)

    assert [table.path for table in answer_rows(given)] == [
        "/data", "/data/markers", "/data/markers/views", "/data/notes", "/data/days",
    ]  # fmt: skip
    assert [column.name for column in main.columns] == ["place", "owner/name", "owner/state"]
    [record] = main.rows
    assert (record.key, record.parent, record.number) == ("/data", None, 1)
    assert record.values() == {"place": "东侧", "owner/name": "王某", "owner/state": "broken"}
    assert record.display("zh")["owner/state"] == "破损"
    assert record.display("en")["owner/state"] == "Broken"
    assert [(each.key, each.parent, each.number) for each in shown.rows] == [
        ("/data/markers[no='J1']", "/data", 1),
        ("/data/markers[no='J2']", "/data", 2),
    ]
    assert shown.rows[0].values() == {
        "no": "J1", "moved": Decimal("1.50"), "states": ("broken", "missing"), "photo": None,
    }  # fmt: skip
    assert shown.rows[0].display("zh")["states"] == "破损、缺失"
    assert [(each.parent, each.values()["view"]) for each in views.rows] == [
        ("/data/markers[no='J1']", "北"),
        ("/data/markers[no='J2']", "东"),
        ("/data/markers[no='J2']", "西"),
    ]
    assert (notes.rows, [column.name for column in notes.columns]) == ((), ["row_id", "note"])


def test_every_row_has_every_column_of_its_table(mine, compose):
    for table in answer_rows(read_answers(mine, parse_instance(compose(mine)))):
        names = [column.name for column in table.columns]
        assert len(set(names)) == len(names)
        for each in table.rows:
            assert list(each.answers) == names


def test_a_table_goes_over_the_wire_with_values_texts_and_words():
    given = answers({"/data/markers": [{"no": "J1", "moved": Decimal("1.50"), "states": ["broken"]}]})

    table = answer_rows(given)[1].as_json()

    assert (table["labels"], table["name"]) == ({"zh": "界桩", "en": "Markers"}, "markers")
    states = table["columns"][1]
    assert states["choices"]["broken"] == {"zh": "破损", "en": "Broken"}
    assert (states["kind"], states["path"]) == ("select_multiple", "/data/markers/states")
    [only] = table["rows"]
    assert only["values"] == {"no": "J1", "states": ["broken"], "moved": 1.5, "photo": None}
    assert only["texts"]["moved"] == "1.50"
    assert only["display"]["en"]["states"] == "Broken"


# Differences


def differing(old, new, **files):
    return {(each.how, each.key) for each in diff_answers(old, new, **files)}


def test_an_answer_is_added_removed_or_changed():
    old = answers({"/data/place": "东侧", "/data/owner": {"name": "王某"}})
    new = answers({"/data/place": "西侧", "/data/owner": {"state": "broken"}})

    found = diff_answers(old, new)

    assert differing(old, new) == {
        ("changed", "/data/place"),
        ("removed", "/data/owner/name"),
        ("added", "/data/owner/state"),
    }
    assert found.same == 0
    assert [each.key for each in found][-1] == "/data/owner/name"
    change = found.as_json()["differences"][0]
    assert (change["old"]["display"]["zh"], change["new"]["display"]["zh"]) == ("东侧", "西侧")
    assert change["labels"] == {"zh": "地点", "en": "Place"}
    added = next(each for each in found if each.how == "added")
    assert added.as_json()["new"]["display"] == {"zh": "破损", "en": "Broken"}
    assert added.as_json()["old"] is None


def test_rows_that_moved_did_not_change():
    old, new = markers("J1", "J2", "J3", moved=Decimal(1)), markers("J3", "J1", "J2", moved=Decimal(1))

    assert differing(old, new) == set()
    assert diff_answers(old, new).same == 6


def test_a_row_that_was_put_before_others_is_the_only_difference():
    old, new = markers("J1", "J2"), markers("J0", "J1", "J2")

    [difference] = diff_answers(old, new)

    assert (difference.how, difference.key, difference.path) == (
        "added", "/data/markers[no='J0']/no", "/data/markers[1]/no",
    )  # fmt: skip


def test_what_is_gone_is_shown_where_it_was():
    [difference] = diff_answers(markers("J1", "J2"), markers("J2"))

    assert (difference.how, difference.path, difference.new) == ("removed", "/data/markers[1]/no", None)


def test_another_spelling_of_a_value_is_no_change():
    old = answers({"/data/markers": [{"no": "J1", "moved": "1.50", "states": "broken missing"}]})
    new = answers({"/data/markers": [{"no": "J1", "moved": "1.5", "states": "broken  missing"}]})

    assert differing(old, new) == set()


def test_another_file_under_the_same_name_is_a_change():
    old, new = markers("J1", photo="a.jpg"), markers("J1", photo="a.jpg")

    assert differing(old, new) == set()
    files = {"old_files": {"a.jpg": "sha-1"}, "new_files": {"a.jpg": "sha-2"}}
    assert differing(old, new, **files) == {("changed", "/data/markers[no='J1']/photo")}


def test_answers_of_another_type_differ():
    one, other = (
        version(row(kind, "n", "n"), number=number) for kind, number in (("integer", "1"), ("decimal", "2"))
    )

    assert differing(answers({"/data/n": 1}, one), answers({"/data/n": 1}, other)) == {("changed", "/data/n")}


def test_the_cost_grows_with_the_answers_and_not_faster():
    def seconds(count):
        old, new = (
            markers(*(f"J{n}" for n in order), photo="a.jpg") for order in (range(count), range(count, 0, -1))
        )
        best = 9.0
        for _ in range(5):
            for each in (old, new):
                for cached in ("_in_order", "_by_path", "by_stable_path", "stable_paths"):
                    vars(each).pop(cached, None)
            started = time.process_time()
            diff_answers(old, new)
            answer_rows(new)
            for each in new:
                assert new.get(each.path) is each
            best = min(best, time.process_time() - started)
        return best

    assert seconds(200) < 20 * seconds(25)
