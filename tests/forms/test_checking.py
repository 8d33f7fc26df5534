"""Every kind of finding has an instance that causes it, and a clean record causes none."""

import pytest

from forms import FindingKind, examine, parse_instance, read_answers
from tests.forms.filled import LISTS, NOW, answers_to

GOOD = {"/data/name": "甲", "/data/count": 3}


def told(form, xml, media=frozenset(), lists=None):
    return examine(form, parse_instance(xml), media, now=NOW, lists=lists).findings


def found(form, xml, media=frozenset(), lists=None):
    return [(finding.path, finding.kind.value) for finding in told(form, xml, media, lists)]


def test_a_complete_record_of_each_form_is_clean(shipped, compose):
    xml = compose(shipped)
    names = {media.name for media in read_answers(shipped, parse_instance(xml)).media()}
    assert told(shipped, xml, names, LISTS) == []


@pytest.mark.parametrize(
    ("mode", "is_asked"), [("on_site", True), ("testing", True), ("written", False), ("network", False), ("agency", False)]
)  # fmt: skip
def test_a_position_is_asked_for_only_where_somebody_goes(mine, compose, mode, is_asked):
    answers = answers_to("mine_overstep")
    visit = {name: value for name, value in answers["/data/visit"].items() if name != "place_position"}
    xml = compose(mine, answers | {"/data/visit": visit | {"mode": [mode]}})

    assert (("/data/visit/place_position", "required") in found(mine, xml, lists=LISTS)) is is_asked


def test_a_record_of_another_form_is_told(small, compose):
    xml = compose(small, GOOD).replace(b'id="small"', b'id="large"')
    assert found(small, xml) == [("/data", "form")]


def test_a_record_of_another_version_is_told(small, compose):
    assert found(small, compose(small, GOOD).replace(b'version="7"', b'version="8"')) == [
        ("/data", "version")
    ]


def test_another_root_is_told_and_nothing_else_is_judged(small):
    xml = b'<daten id="small" version="7"><meta><instanceID>1</instanceID></meta></daten>'
    assert found(small, xml) == [("/daten", "structure")]


@pytest.mark.parametrize(
    ("written", "wrong", "path"),
    [
        (b"<name>", b"<name><b>x</b>", "/data/name"),
        (b"<name>", b"stray<name>", "/data"),
        (b"<instanceID>uuid:5f0c</instanceID>", b"", "/data/meta/instanceID"),
    ],
)
def test_a_broken_structure_is_told(small, compose, written, wrong, path):
    assert (path, "structure") in found(small, compose(small, GOOD).replace(written, wrong))


def test_unknown_questions_are_told(small, compose):
    xml = compose(small, GOOD | {"/data/rows": [{"note": "x"}]})
    xml = xml.replace(b"<note>", b"<color>red</color><note>").replace(b"<name>", b"<size/><name>")
    assert found(small, xml) == [("/data/rows[1]/color", "unknown"), ("/data/size", "unknown")]


def test_unknown_meta_is_told_but_what_apps_add_is_not(small, compose):
    xml = compose(small, GOOD).replace(b"</meta>", b"<timeStart/><userID/><secret/></meta>")
    assert found(small, xml) == [("/data/meta/secret", "unknown")]


def test_a_question_that_stands_twice_is_told(small, compose):
    xml = compose(small, GOOD).replace(b"<count>", b"<count>9</count><count>")
    assert found(small, xml) == [("/data/count", "duplicate")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("count", "3.5"),
        ("count", "٣"),
        ("count", "0x10"),
        ("depth", "NaN"),
        ("depth", "1,5"),
        ("depth", "deep"),
        ("day", "2026-02-30"),
        ("day", "20260214"),
        ("day", "14.02.2026"),
        ("moment", "2026-02-14T10:00:00"),
        ("moment", "yesterday"),
        ("hour", "25:00"),
        ("here", "35.1"),
        ("here", "95 112"),
        ("here", "35 181 0 0"),
        ("here", "35 112 0 0 0"),
        ("here", "1e99 112"),
        ("line", "35 112"),
        ("area", "35 112; 35 113; 36 113; 36 112"),
        ("paper", "../etc/passwd"),
        ("paper", "a\\b.pdf"),
        ("sound", ".."),
        ("sound", "长" * 100 + ".m4a"),
    ],
)
def test_a_value_of_a_wrong_type_is_told(small, compose, name, text):
    assert found(small, compose(small, GOOD | {f"/data/{name}": text})) == [(f"/data/{name}", "type")]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("depth", "-.5"),
        ("day", "2024-02-29"),
        ("moment", "2026-02-14T10:00:00.000+08:00"),
        ("moment", "2026-02-14T02:00:00Z"),
        ("hour", "10:00:00.000+08:00"),
        ("here", "35.1 112.2"),
        ("here", "35.1 112.2 0 4.5"),
        ("line", "35 112 0 0; 35 113 0 0"),
        ("area", "35 112 0 0;35 113 0 0;36 113 0 0;35 112 0 0"),
        ("seen", "OK"),
    ],
)
def test_values_as_apps_write_them_are_accepted(small, compose, name, text):
    assert found(small, compose(small, GOOD | {f"/data/{name}": text})) == []


def test_a_choice_that_was_not_offered_is_told(small, compose):
    xml = compose(small, GOOD | {"/data/yes_no": "maybe", "/data/several": "yes maybe perhaps"})
    assert found(small, xml) == [
        ("/data/yes_no", "choice"),
        ("/data/several", "choice"),
    ]
    assert [each.message for each in told(small, xml)] == [
        "是否：没有选项“maybe”",
        "多选：没有选项“maybe、perhaps”",
    ]


def test_a_choice_from_another_file_is_not_judged(mine):
    assert mine.question("/data/task/task_ref").choices is None


def test_a_blank_or_missing_required_answer_is_told_in_the_forms_own_words(small, compose):
    findings = told(small, compose(small, {}).replace(b"<count/>", b""))
    assert [(f.path, f.kind) for f in findings] == [
        ("/data/name", FindingKind.REQUIRED),
        ("/data/count", FindingKind.REQUIRED),
    ]
    assert (findings[0].message, findings[0].message_en) == ("请写名称", "Write the name")
    assert (findings[1].message, findings[1].message_en) == ("数量：必填", "Count: an answer is required")


def test_a_required_answer_in_each_row_is_told_with_the_number_of_the_row(small, compose):
    xml = compose(small, GOOD | {"/data/rows": [{"note": "x"}, {"photo": ""}]})
    assert found(small, xml) == [("/data/rows[2]/note", "required")]


def test_an_answer_is_required_where_another_makes_it_relevant(small, compose):
    assert found(small, compose(small, GOOD | {"/data/yes_no": "yes"})) == [("/data/hidden/why", "required")]
    assert found(small, compose(small, GOOD | {"/data/yes_no": "no"})) == []


def test_an_answer_that_is_not_asked_is_told(small, compose):
    xml = compose(small, GOOD | {"/data/yes_no": "no", "/data/hidden/why": "因为"})
    assert found(small, xml) == [("/data/hidden/why", "not_relevant")]


def test_missing_and_surplus_files_are_told(small, compose):
    xml = compose(small, GOOD | {"/data/rows": [{"note": "x", "photo": "a.jpg"}], "/data/paper": "p.pdf"})
    assert found(small, xml, {"p.pdf", "z.jpg"}) == [
        ("/data/rows[1]/photo", "media_missing"),
        ("/data", "media_extra"),
    ]


def test_a_file_used_twice_is_told(small, compose):
    rows = [{"note": "x", "photo": "a.jpg"}, {"note": "y", "photo": "a.jpg"}]
    assert found(small, compose(small, GOOD | {"/data/rows": rows}), {"a.jpg"}) == [
        ("/data/rows[2]/photo", "duplicate")
    ]


def test_a_flood_of_findings_is_cut(small, compose):
    xml = compose(small, GOOD).replace(b"<meta>", b"".join(b"<u%d/>" % n for n in range(5000)) + b"<meta>")
    assert len(found(small, xml)) == 500


def test_a_finding_is_readable_as_json(small, compose):
    (finding,) = told(small, compose(small, {"/data/name": "甲"}))
    assert finding.as_json() == {
        "path": "/data/count",
        "kind": "required",
        "message": "数量：必填",
        "message_en": "Count: an answer is required",
    }
