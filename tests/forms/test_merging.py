"""Versions of a record beside each other: what is a place, how rows are matched, and what a merge is written as."""

import pytest
from lxml import etree

from forms import (
    Filled,
    Matching,
    PlaceKind,
    QuestionKind,
    amend_instance,
    complete_instance,
    diff_answers,
    lay_apart,
    lay_beside,
    lost_answers,
    parse_instance,
    read_answers,
    write_merged,
)
from forms.answers.keys import ROW_ID
from tests.forms.filled import LISTS, NOW

SIGN = ("/data/sign",)


def filled(form, xml, **files):
    return Filled(read_answers(form, parse_instance(xml)), files)


def beside(form, left_out=(), **xmls):
    return lay_beside(form, {name: filled(form, xml) for name, xml in xmls.items()}, left_out)


def differing(laid, one="a", other="b"):
    """The paths at which two versions differ."""
    mine, theirs = laid.values(one), laid.values(other)
    paths = [path for path in laid.places if mine.get(path) != theirs.get(path)]
    return paths + sorted(laid.rows(one) ^ laid.rows(other))


def moved(xml, path, to):
    """Move a row to another place among its like."""
    root = etree.fromstring(xml)
    [row] = root.xpath(path)
    rows = root.xpath(path.rpartition("[")[0])
    parent = row.getparent()
    at = parent.index(rows[to - 1])
    parent.remove(row)
    parent.insert(at, row)
    return etree.tostring(root)


def without(xml, path):
    root = etree.fromstring(xml)
    for row in root.xpath(path):
        row.getparent().remove(row)
    return etree.tostring(root)


def written(laid, xml, sources=None, heads=("a", "b"), **more):
    merged = write_merged(laid, heads, parse_instance(xml), sources or {}, **more)
    return read_answers(laid.form, parse_instance(merged.xml)), merged


# The forms that ship


def test_every_repeat_of_every_form_is_matched_by_key_and_a_merge_of_equals_is_the_record(shipped, compose):
    xml = compose(shipped)
    laid = beside(shipped, left_out=SIGN, a=xml, b=xml)

    assert set(laid.matched.values()) <= {Matching.KEY}
    assert differing(laid) == []
    assert all(place.titles["zh"] for place in laid.places.values())
    merged = write_merged(laid, ["a", "b"], parse_instance(xml), {})
    again = complete_instance(shipped, merged.xml, now=NOW, lists=LISTS)
    before, after = (read_answers(shipped, parse_instance(each)) for each in (xml, again))
    lost = [each for each in diff_answers(before, after) if not each.path.startswith("/data/sign/")]
    assert {(each.how, each.old.question.kind) for each in lost} <= {("removed", QuestionKind.SIGNATURE)}
    assert after.instance_id == before.instance_id
    assert not lost_answers(read_answers(shipped, parse_instance(merged.xml)), after)


def test_rows_that_only_moved_differ_in_nothing(mine, compose):
    xml = compose(mine)

    assert differing(beside(mine, a=xml, b=moved(xml, "/data/markers[2]", 1))) == []


def test_an_edit_in_a_row_that_moved_is_one_place(mine, compose):
    xml = compose(mine)
    edited = moved(amend_instance(xml, {"/data/markers[2]/photo_far": "again.jpg"}), "/data/markers[2]", 1)

    [path] = differing(beside(mine, a=xml, b=edited))

    assert path == "/data/markers[marker_no='J2']/photo_far"


def test_what_the_phone_computes_or_logs_is_no_place(mine, compose):
    xml = compose(mine)
    paths = beside(mine, a=xml, b=xml).places.keys()

    assert not {"/data/start", "/data/end", "/data/deviceid", "/data/task/task_no"} & paths
    assert not [path for path in paths if path.endswith(f"/{ROW_ID}")]
    assert "/data/visit/place_position" in paths


def test_a_row_without_a_natural_key_keeps_the_id_that_its_phone_gave_it(mine, compose):
    orders = {"/data/statement/orders_made": "yes", "/data/statement/on_site_orders[1]/order": "立即加固"}
    xml = complete_instance(mine, amend_instance(compose(mine), orders), now=NOW, lists=LISTS)
    laid = beside(mine, a=xml, b=xml)
    [row] = [
        path
        for path, place in laid.places.items()
        if place.kind is PlaceKind.ROW and "on_site_orders" in path
    ]

    merged, _ = written(laid, xml)

    assert row in merged.stable_paths.values()
    assert laid.places[row].titles == {
        "zh": "检查记录 › 当场责令改正 第1组",
        "en": "Record › Orders on the spot no. 1",
    }


def test_signatures_and_what_was_left_out_are_told_apart_and_not_written(mine, compose):
    xml = compose(mine)
    laid = beside(mine, left_out=SIGN, a=xml, b=xml)

    assert {"/data/sign/inspector1", "/data/sign/refused"} <= laid.left_out.keys()
    assert not [path for path in laid.places if path.startswith("/data/sign")]
    merged, files = written(laid, xml)
    assert not [answer for answer in merged if answer.path.startswith("/data/sign/") and answer.text]
    assert not [name for name in files.files if name.startswith("sign-")]


# Values


def test_another_spelling_of_a_value_is_the_same_value(small, compose):
    one = compose(small, {"/data/name": "x"})
    same = amend_instance(one, {"/data/depth": "12.0", "/data/here": "35.5 112.5 0 0"})
    other = amend_instance(one, {"/data/depth": "12", "/data/here": "35.50 112.50 0.0 0.0"})

    assert differing(beside(small, a=same, b=other)) == []


def test_a_shape_is_one_value_and_another_file_of_the_same_name_another(small, compose):
    one = compose(small, {"/data/name": "x"})
    xml = amend_instance(one, {"/data/area": "0 0 0 0;0 1 0 0;1 1 0 0;0 0 0 0", "/data/paper": "p.pdf"})
    laid = lay_beside(
        small, {"a": filled(small, xml, **{"p.pdf": "aa"}), "b": filled(small, xml, **{"p.pdf": "bb"})}
    )

    assert differing(laid) == ["/data/paper"]
    assert [path for path in laid.places if path.startswith("/data/area")] == ["/data/area"]


# Rows without a key


def rows(small, compose, *notes):
    return compose(small, {"/data/rows": [{"note": note} for note in notes]})


def test_as_many_rows_without_a_key_are_matched_by_position_each_as_a_whole(small, compose):
    a, b = rows(small, compose, "一", "二"), rows(small, compose, "一", "二改")
    laid = beside(small, a=a, b=b)

    assert laid.matched == {"/data/rows": Matching.POSITION}
    assert differing(laid) == ["/data/rows[2]"]
    assert laid.places["/data/rows[2]"].kind is PlaceKind.ROW_AS_A_WHOLE
    merged, _ = written(laid, a, {"/data/rows[2]": "b"})
    assert [merged.get(f"/data/rows[{n}]/note").text for n in (1, 2)] == ["一", "二改"]


@pytest.mark.parametrize("taken", ["a", "b"])
def test_where_rows_without_a_key_came_or_went_the_repeat_is_one_place(small, compose, taken):
    notes = {"a": ["一", "二", "三"], "b": ["二"]}
    xmls = {name: rows(small, compose, *each) for name, each in notes.items()}
    laid = beside(small, **xmls)

    assert laid.matched == {"/data/rows": Matching.WHOLE}
    assert differing(laid) == ["/data/rows"]
    merged, _ = written(laid, xmls["a"], {"/data/rows": taken})
    assert [answer.text for answer in merged if answer.question.name == "note"] == notes[taken]


def test_rows_with_one_key_twice_or_with_none_are_not_told_by_it(mine, compose):
    xml = compose(mine)
    twice, blank = (amend_instance(xml, {"/data/markers[2]/marker_no": text}) for text in ("J1", ""))

    assert beside(mine, a=xml, b=twice).matched["/data/markers"] is Matching.POSITION
    assert beside(mine, a=xml, b=blank).matched["/data/markers"] is Matching.POSITION
    assert (
        beside(mine, a=xml, b=without(blank, "/data/markers[1]")).matched["/data/markers"] is Matching.WHOLE
    )


# Writing


def test_rows_come_and_go_as_their_sources_have_them(mine, compose):
    xml = compose(mine)
    less = without(xml, "/data/markers[1]")
    laid = beside(mine, a=less, b=xml)
    first = "/data/markers[marker_no='J1']"

    gone, _ = written(laid, xml, {first: "a"})
    kept, merged = written(laid, xml, {first: "b"})

    assert first not in gone.stable_paths.values()
    assert first in kept.stable_paths.values()
    assert {name for name, (version, _) in merged.files.items() if version == "b"}


def test_an_answer_that_no_version_has_can_be_written(mine, compose):
    xml = compose(mine)
    path = "/data/markers[marker_no='J2']/photo_far"

    merged, _ = written(beside(mine, a=xml, b=xml), xml, texts={path: "x.jpg"})

    assert merged.by_stable_path[path].text == "x.jpg"


def test_answers_that_are_asked_no_more_when_taken_together_are_told(small, compose):
    was = compose(small, {"/data/yes_no": "yes", "/data/hidden/why": "旧"})
    a, b = amend_instance(was, {"/data/yes_no": "no"}), amend_instance(was, {"/data/hidden/why": "新"})
    laid = beside(small, a=a, b=b)

    merged, instance = written(laid, a, {"/data/yes_no": "a", "/data/hidden/why": "b"})
    completed = read_answers(small, parse_instance(complete_instance(small, instance.xml, now=NOW)))

    assert [(each.path, each.text) for each in lost_answers(merged, completed)] == [
        ("/data/hidden/why", "新")
    ]


def test_the_log_of_filling_in_stays_with_its_version(small, compose):
    xml = compose(small, {"/data/name": "x"}).replace(b"<meta>", b"<meta><audit>audit.csv</audit>")

    merged, _ = written(beside(small, a=xml, b=xml), xml)

    assert (merged.audit_name, merged.instance_id) == (None, "uuid:5f0c")


def test_versions_of_different_forms_lie_side_by_side_and_are_never_written(small, mine, compose):
    laid = lay_apart(
        {"a": filled(small, compose(small, {"/data/name": "x"})), "b": filled(mine, compose(mine))}, SIGN
    )

    assert laid.values("a") == {"/data/name": (("x"),)}
    assert "/data/sign/inspector1" in laid.left_out
    with pytest.raises(ValueError, match="different forms"):
        write_merged(laid, ["a", "b"], parse_instance(compose(small, {})), {})
