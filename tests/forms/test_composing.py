"""Instances are written as apps write them, and corrected by path."""

import pytest

from forms import ComposingError, amend_instance, parse_instance, read_answers
from tests.forms.filled import ENDED, STARTED


def test_times_and_device_are_filled_where_the_form_asks(mine, compose):
    xml = compose(mine, device_id="phone-7")
    flat = read_answers(mine, parse_instance(xml)).flat()
    assert flat["/data/start"] == STARTED
    assert flat["/data/end"] == ENDED
    assert flat["/data/deviceid"] == "phone-7"
    assert parse_instance(xml).instance_name == "YC-2023-07-001 阳城县虚构石灰岩矿", "as the form computes it"


def test_answers_may_be_given_by_path_or_nested(small, compose):
    by_path = compose(small, {"/data/hidden/why": "x"})
    assert by_path == compose(small, {"/data/hidden": {"why": "x"}})


@pytest.mark.parametrize(
    "answers",
    [
        {"/data/size": 1},
        {"/other/name": 1},
        {"/data/rows": "x"},
        {"/data/rows": {"note": "x"}},
        {"/data/rows": [{"size": 1}]},
        {"/data/rows": ["x"]},
        {"/data/name": {"first": "x"}},
        {"/data/hidden": "x"},
    ],
)
def test_answers_the_form_does_not_know_are_refused(small, compose, answers):
    with pytest.raises(ComposingError):
        compose(small, answers)


def test_a_time_without_offset_is_refused(small, compose):
    with pytest.raises(ValueError, match="offset"):
        compose(small, {"/data/moment": STARTED.replace(tzinfo=None)})


def test_markup_in_answers_stays_text(small, compose):
    xml = compose(small, {"/data/name": "<a>&'\"]]>"})
    assert read_answers(small, parse_instance(xml)).flat()["/data/name"] == "<a>&'\"]]>"


def test_a_correction_changes_one_answer_and_renews_the_identity(mine, compose):
    before = compose(mine)
    after = amend_instance(before, {"/data/markers[2]/photo_far": "again.jpg"}, "uuid:new")
    old, new = (read_answers(mine, parse_instance(xml)) for xml in (before, after))
    assert {path for path in new.flat() if new.flat()[path] != old.flat()[path]} == {
        "/data/markers[2]/photo_far"
    }
    assert (new.instance_id, new.deprecated_id) == ("uuid:new", "uuid:5f0c")


def test_a_correction_may_add_the_next_row_but_no_later_one(mine, compose):
    xml = amend_instance(compose(mine), {"/data/markers[3]/marker_no": "J3"})
    assert read_answers(mine, parse_instance(xml)).flat()["/data/markers[3]/marker_no"] == "J3"
    with pytest.raises(ComposingError, match="only 2"):
        amend_instance(compose(mine), {"/data/markers[4]/marker_no": "J4"})


def test_a_correction_can_blank_an_answer(mine, compose):
    xml = amend_instance(compose(mine), {"/data/markers[1]/photo_near": None})
    assert "/data/markers[1]/photo_near" not in read_answers(mine, parse_instance(xml)).flat()


@pytest.mark.parametrize("path", ["/other/name", "data/name", "/", "/data/a[x]", "/data/rows[0]/note"])
def test_a_correction_at_no_path_is_refused(small, compose, path):
    with pytest.raises(ComposingError):
        amend_instance(compose(small, {}), {path: "x"})


def test_a_correction_keeps_the_namespaces_of_the_app_that_wrote_it():
    xml = b'<data xmlns="http://x.example" id="s"><a>1</a></data>'
    assert b"<b>2</b>" in amend_instance(xml, {"/data/b": 2})
    assert len(parse_instance(amend_instance(xml, {"/data/b": 2})).root) == 2
