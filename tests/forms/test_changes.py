"""What changes between two versions of a form, and what becomes of an open draft."""

import random
from collections import Counter

import pytest
from lxml import etree

from forms import Form, compile_xlsform, compose_instance, load_form, parse_instance, read_answers
from forms.changes.comparing import compare_forms
from forms.changes.correspondence import correspond
from forms.changes.migrating import MigrationError, migrate_instance
from tests.forms.filled import ENDED, STARTED
from tests.forms.versions import STATES, group, repeat, row, version

KEY = "count(../../markers) <= 60 and count(../../markers[no = current()/.]) <= 1"


def changed(old: Form, new: Form):
    return {(each.kind.value, each.path) for each in compare_forms(old, new)}


def one_change(old: Form, new: Form):
    [change] = compare_forms(old, new)
    return change


def one_question(kind="text", name="place", label="地点 / Place", **more):
    number = more.pop("number", "1")
    states = more.pop("states", STATES)
    return version(row(kind, name, label, **more), number=number, states=states)


# What changes


def test_a_version_compared_with_itself_changes_nothing(mine):
    changes = compare_forms(mine, mine)

    assert list(changes) == []
    assert changes.keeps_every_answer
    assert changes.as_json()["counts"] == {}


def test_added_and_removed_questions_are_told_with_their_groups():
    old = version(row("text", "place", "地点"), group("road", "道路", row("text", "width", "宽度")))
    new = version(row("text", "place", "地点"), group("river", "河流", row("text", "depth", "水深")))

    assert changed(old, new) == {
        ("added", "/data/river"),
        ("added", "/data/river/depth"),
        ("removed", "/data/road"),
        ("removed", "/data/road/width"),
    }
    assert not compare_forms(old, new).keeps_every_answer


def test_a_change_says_in_both_languages_what_it_is():
    old, new = one_question(), version(row("text", "place", "地点 / Place"), row("date", "day", "日期 / Day"))

    change = one_change(old, new)

    assert (change.message, change.message_en) == ("新增问题“日期”", 'The question "Day" was added')
    assert change.as_json() == {
        "kind": "added",
        "path": "/data/day",
        "old_path": None,
        "labels": {"zh": "日期", "en": "Day"},
        "old": None,
        "new": None,
        "message": "新增问题“日期”",
        "message_en": 'The question "Day" was added',
    }


@pytest.mark.parametrize("alias", ["spot", "/data/spot", "older spot", "gone /data/spot"])
def test_a_question_that_declares_its_former_name_is_renamed(alias):
    change = one_change(one_question(name="spot"), one_question(name="place", alias=alias))

    assert (change.kind, change.path, change.old_path) == ("renamed", "/data/place", "/data/spot")
    assert change.message == "问题“地点”的名称由 spot 改为 place"


def test_without_a_declared_name_nothing_is_guessed():
    assert changed(one_question(name="spot"), one_question(name="place")) == {
        ("added", "/data/place"),
        ("removed", "/data/spot"),
    }


def test_a_group_that_was_renamed_takes_its_questions_along():
    old = version(group("road", "道路", row("text", "width", "宽度"), row("text", "name", "名称")))
    new = version(
        group(
            "way",
            "道路",
            row("text", "breadth", "宽度", alias="width"),
            row("text", "name", "名称"),
            alias="road",
        )
    )

    assert changed(old, new) == {("renamed", "/data/way"), ("renamed", "/data/way/breadth")}


def test_a_question_may_move_to_another_group():
    old = version(
        group("road", "道路", row("text", "width", "宽度")), group("river", "河流", row("text", "x", "x"))
    )
    new = version(
        group("road", "道路", row("text", "y", "x", alias="/data/river/x")),
        group("river", "河流", row("text", "width", "宽度", alias="width")),
    )

    assert changed(old, new) == {("moved", "/data/road/y"), ("moved", "/data/river/width")}


def test_a_bare_name_that_two_old_questions_bear_is_no_declaration():
    old = version(group("a", "甲", row("text", "x", "x")), group("b", "乙", row("text", "x", "x")))
    new = version(row("text", "y", "y", alias="x"))

    assert "moved" not in {kind for kind, _ in changed(old, new)}


def test_a_path_that_both_versions_have_is_one_question_whatever_is_declared():
    old = version(row("text", "a", "甲"), row("text", "b", "乙"))
    new = version(row("text", "a", "甲", alias="b"), row("text", "b", "乙", alias="a"))

    assert list(compare_forms(old, new)) == []


def test_one_old_question_becomes_one_new_one():
    old = one_question(name="spot")
    new = version(row("text", "a", "地点 / Place", alias="spot"), row("text", "b", "乙", alias="spot"))

    assert correspond(old, new).later["/data/spot"].path == "/data/a"


def test_expressions_that_only_follow_a_new_name_are_not_changed():
    def form(state, markers, no, *, renamed):
        return version(
            row("select_one state", state, "状态", alias="state" if renamed else ""),
            group("more", "更多", row("text", "why", "原因", relevant=f"${{{state}}}  != 'intact'")),
            repeat(
                markers,
                "界桩",
                row("text", no, "编号", constraint=KEY.replace("markers", markers).replace("no =", f"{no} ="), alias="no" if renamed else ""),
                row("text", "why", "原因", relevant=f"../{no} != 'no' and contains({markers}, 'x')"),
                alias="markers" if renamed else "",
            ),
        )  # fmt: skip

    old, new = (
        form("state", "markers", "no", renamed=False),
        form("condition", "posts", "number", renamed=True),
    )

    assert changed(old, new) == {
        ("renamed", "/data/condition"),
        ("renamed", "/data/posts"),
        ("renamed", "/data/posts/number"),
    }


def test_a_name_in_a_text_is_not_a_name():
    old = one_question(name="spot", constraint=". != 'spot'")
    new = one_question(name="place", constraint=". != 'place'", alias="spot")

    assert changed(old, new) == {("renamed", "/data/place"), ("constraint", "/data/place")}


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ("", "yes", "required"),
        ("", "${other} = 'x'", "required_sometimes"),
        ("${other} = 'x'", "yes", "required"),
        ("yes", "${other} = 'x'", "required_sometimes"),
        ("${other} = 'x'", "${other} = 'y'", "required_sometimes"),
        ("yes", "", "optional"),
        ("${other} = 'x'", "", "optional"),
    ],
)
def test_a_question_becomes_required_or_is_no_longer(before, after, kind):
    old, new = (
        version(row("text", "place", "地点", required=rule), row("text", "other", "其他"))
        for rule in (before, after)
    )

    assert changed(old, new) == {(kind, "/data/place")}


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ({"kind": "text"}, {"kind": "integer"}, "type"),
        ({"kind": "select_one state"}, {"kind": "select_multiple state"}, "type"),
        ({"label": "地点 / Place"}, {"label": "地址 / Place"}, "label"),
        ({}, {"constraint": ". != 'x'"}, "constraint"),
        ({"constraint": ". != 'x'"}, {"constraint": ". != 'y'"}, "constraint"),
        ({}, {"relevant": "today() > '2026-01-01'"}, "relevance"),
        ({"kind": "calculate", "calculation": "1 + 1"}, {"kind": "calculate", "calculation": "1 + 2"}, "calculation"),
        ({"kind": "select_one state"}, {"kind": "select_one state", "choice_filter": "group = 'a'"}, "choice_filter"),
    ],
)  # fmt: skip
def test_what_changes_of_one_question_is_told_by_its_kind(before, after, kind):
    assert changed(one_question(**before), one_question(**after)) == {(kind, "/data/place")}


def test_blanks_in_an_expression_do_not_matter():
    assert changed(one_question(constraint=". != 'a b'"), one_question(constraint=".!='a b'")) == set()
    assert changed(one_question(constraint=". != 'a b'"), one_question(constraint=". != 'ab'")) != set()


def test_choices_come_go_and_are_worded_anew():
    fewer = {"intact": ("完好", "Whole"), "broken": ("破损", "Broken"), "buried": ("掩埋", "Buried")}
    old = one_question("select_one state")
    new = one_question("select_one state", states=fewer)

    told = {each.kind.value: each for each in compare_forms(old, new)}

    assert set(told) == {"choices_added", "choices_removed", "choice_labels"}
    assert told["choices_removed"].message == "“地点”删除选项：缺失"
    assert told["choices_added"].message_en == 'New choices of "Place": Buried'
    assert told["choices_removed"].old == [{"name": "missing", "labels": {"zh": "缺失", "en": "Missing"}}]
    assert not compare_forms(old, new).keeps_every_answer


def test_choices_may_come_from_a_file_instead():
    old, new = one_question("select_one state"), one_question("select_one_from_file tasks.csv")

    assert changed(old, new) == {("choices_source", "/data/place")}


def test_a_group_may_become_a_repeat_and_a_repeat_a_group():
    single = version(group("marker", "界桩", row("text", "no", "编号")))
    several = version(repeat("marker", "界桩", row("text", "no", "编号")))

    assert one_change(single, several).message == "“界桩”由分组改为重复组"
    assert one_change(several, single).message_en == '"界桩" was a repeat and is a group now'


def test_a_title_may_change():
    old, new = version(row("text", "a", "a")), version(row("text", "a", "a"), title="巡查 / Patrol")

    assert one_change(old, new).kind == "title"


def test_a_name_that_is_also_a_type_is_not_translated():
    change = one_change(one_question(name="date"), one_question(name="time", alias="date"))

    assert change.message == "问题“地点”的名称由 date 改为 time"


def test_an_expression_that_climbs_out_of_the_form_compares_with_itself():
    wild = "../../../../../../x = '1'"
    assert changed(one_question(relevant=wild), one_question(relevant=wild)) == set()


def test_aliases_reach_the_form_by_the_column_of_the_sheet():
    form = version(
        group("way", "道路", row("text", "breadth", "宽度", alias="width /data/old/width"), alias="road")
    )

    assert form.node("/data/way").aliases == ("road",)
    assert form.question("/data/way/breadth").aliases == ("width", "/data/old/width")


# What becomes of a draft


def draft(form: Form, answers):
    return compose_instance(form, answers, "uuid:77", started_at=STARTED, ended_at=ENDED)


def migrated(old: Form, new: Form, answers):
    """The answers of a migrated draft by path, and what its inspector is told: (kind, why, path)."""
    result = migrate_instance(draft(old, answers), old, new)
    flat = {each.path: each.text for each in read_answers(new, parse_instance(result.xml)) if each.text}
    return flat, result


def told(result):
    return [(each.kind.value, each.why, each.path or each.old_path) for each in result.changes]


def texts(xml):
    return Counter(word for each in etree.fromstring(xml).itertext() for word in each.split())


def nothing_is_lost(xml, result):
    """Every word of the old bytes is in the new ones, or in the list of changes."""
    spoken = Counter(word for each in result.changes for word in each.text.split())
    missing = texts(xml) - texts(result.xml) - spoken
    assert not missing, missing


def test_a_draft_of_an_equal_version_only_gets_its_number():
    old, new = one_question(number="1"), one_question(number="2")
    xml = draft(old, {"/data/place": "东侧"})

    result = migrate_instance(xml, old, new)

    assert result.changes == ()
    assert result.xml == xml.replace(b'version="1"', b'version="2"')
    instance = parse_instance(result.xml)
    assert (instance.form_id, instance.version, instance.instance_id) == ("visit", "2", "uuid:77")


def test_a_renamed_answer_is_carried_and_told():
    old, new = one_question(name="spot"), one_question(name="place", alias="spot", number="2")

    flat, result = migrated(old, new, {"/data/spot": "东侧"})

    assert flat == {"/data/place": "东侧"}
    [change] = result.changes
    assert (change.kind, change.old_path, change.path) == ("moved", "/data/spot", "/data/place")
    assert change.message == "“地点”的答案“东侧”已移到新版表单的对应位置"


def test_rows_of_a_renamed_repeat_keep_their_order_and_are_not_told_one_by_one():
    old = version(repeat("markers", "界桩", row("text", "no", "编号"), row("image", "photo", "照片")))
    new = version(repeat("posts", "界桩", row("image", "photo", "照片"), row("text", "number", "编号", alias="no"), alias="markers"))  # fmt: skip
    rows = [{"no": f"J{n}", "photo": f"{n}.jpg"} for n in range(1, 4)]

    flat, result = migrated(old, new, {"/data/markers": rows})

    assert [flat[f"/data/posts[{n}]/number"] for n in (1, 2, 3)] == ["J1", "J2", "J3"]
    assert [flat[f"/data/posts[{n}]/photo"] for n in (1, 2, 3)] == ["1.jpg", "2.jpg", "3.jpg"]
    assert {path for _, _, path in told(result)} == {f"/data/posts[{n}]/number" for n in (1, 2, 3)}


def test_an_answer_without_a_place_is_kept_beside_the_draft():
    old = version(
        row("text", "place", "地点 / Place"),
        repeat("rows", "行", row("select_one state", "state", "现状 / State")),
    )
    new = version(row("text", "place", "地点 / Place"), number="2")

    flat, result = migrated(old, new, {"/data/place": "东侧", "/data/rows": [{}, {"state": "broken"}]})

    assert flat == {"/data/place": "东侧"}
    [left] = result.left_over
    assert (left.old_path, left.text, left.display, left.why) == (
        "/data/rows[2]/state",
        "broken",
        "破损",
        "removed",
    )
    assert left.message == "新版表单没有“现状”的位置，原答案：破损"
    assert left.message_en == 'The new version has no place for "State"; the answer was: broken'


@pytest.mark.parametrize(
    ("before", "after", "text", "expected"),
    [
        ("integer", "decimal", "12", "12"),
        ("integer", "text", "12", "12"),
        ("text", "integer", "12", "12"),
        ("text", "integer", "十二", None),
        ("decimal", "integer", "12.00", "12"),
        ("decimal", "integer", "12.5", None),
        ("text", "date", "2026-09-14", "2026-09-14"),
        ("text", "date", "昨天", None),
        ("dateTime", "date", "2026-09-14T09:05:00.000+08:00", "2026-09-14"),
        ("date", "dateTime", "2026-09-14", None),
        ("select_one state", "select_multiple state", "broken", "broken"),
        ("select_multiple state", "select_one state", "broken", "broken"),
        ("select_multiple state", "select_one state", "broken missing", None),
        ("select_one state", "text", "broken", "破损"),
        ("select_multiple state", "text", "broken missing", "破损、缺失"),
        ("text", "select_one state", "broken", "broken"),
        ("text", "select_one state", "破损", "broken"),
        ("text", "select_one state", "很好", None),
        ("image", "file", "a.jpg", "a.jpg"),
        ("image", "audio", "a.jpg", None),
        ("image", "text", "a.jpg", None),
        ("image", "select_one state", "a.jpg", None),
        ("text", "image", "a.jpg", None),
        ("text", "geopoint", "35.4 112.4", "35.4 112.4"),
        ("geopoint", "geoshape", "35.4 112.4 0 0", None),
        ("acknowledge", "text", "OK", "OK"),
        ("text", "acknowledge", "OK", "OK"),
        ("text", "acknowledge", "好", None),
    ],
)
def test_an_answer_is_carried_where_it_can_be_read_as_the_new_type(before, after, text, expected):
    old, new = one_question(before), one_question(after, number="2")

    flat, result = migrated(old, new, {"/data/place": text})

    assert flat.get("/data/place") == expected
    kinds = [each.kind.value for each in result.changes]
    if expected is None:
        assert kinds == ["left_over"]
        assert result.left_over[0].text == text
    else:
        assert kinds == ([] if expected == text else ["converted"])
    nothing_is_lost(draft(old, {"/data/place": text}), result)


def test_an_answer_to_what_is_calculated_now_is_left_over():
    old, new = one_question(), one_question("calculate", calculation="1 + 1", number="2")

    flat, result = migrated(old, new, {"/data/place": "3"})

    assert flat == {}
    assert [each.why for each in result.left_over] == ["calculated"]


def test_a_choice_that_is_no_longer_offered_is_told_and_the_others_stay():
    fewer = {name: STATES[name] for name in ("intact", "broken")}
    old = one_question("select_multiple state")
    new = one_question("select_multiple state", states=fewer, number="2")

    flat, result = migrated(old, new, {"/data/place": ["broken", "missing"]})

    assert flat == {"/data/place": "broken"}
    [left] = result.left_over
    assert (left.text, left.display, left.why, left.path) == ("missing", "缺失", "choice", "/data/place")
    assert left.message == "“地点”已没有选项“缺失”，请重新选择"


def test_what_is_newly_required_and_blank_is_told():
    old = version(row("text", "place", "地点"), row("text", "road", "道路", required="yes"))
    new = version(
        row("text", "place", "地点", required="yes"),
        row("text", "road", "道路", required="yes"),
        row("date", "day", "日期", required="yes"),
        row("text", "set", "缺省", required="yes", default="x"),
        group("more", "更多", row("text", "why", "原因", required="yes"), relevant="${place} = 'x'"),
        number="2",
    )

    flat, result = migrated(old, new, {})

    assert told(result) == [
        ("required", "always", "/data/place"),
        ("required", "always", "/data/day"),
        ("required", "sometimes", "/data/more/why"),
    ]
    assert flat == {"/data/set": "x"}
    assert migrated(old, new, {"/data/place": "东侧"})[1].changes[0].path == "/data/day"


def test_a_required_answer_that_could_not_be_carried_is_wanted_again():
    old, new = one_question(required="yes"), one_question("integer", required="yes", number="2")

    _, result = migrated(old, new, {"/data/place": "很多"})

    assert told(result) == [("left_over", "type", "/data/place"), ("required", "always", "/data/place")]


def test_answers_under_other_conditions_are_to_be_looked_at_again():
    old = version(row("text", "place", "地点"), group("more", "更多", row("text", "why", "原因")))
    new = version(
        row("text", "place", "地点", constraint=". != 'x'"),
        group("more", "更多", row("text", "why", "原因"), relevant="${place} = 'y'"),
        number="2",
    )

    flat, result = migrated(old, new, {"/data/place": "东侧", "/data/more/why": "塌方"})

    assert told(result) == [
        ("revisit", "constraint", "/data/place"),
        ("revisit", "relevance", "/data/more/why"),
    ]
    assert flat == {"/data/place": "东侧", "/data/more/why": "塌方"}


def test_a_group_that_becomes_a_repeat_is_its_first_row():
    single = version(group("marker", "界桩", row("text", "no", "编号")))
    several = version(repeat("marker", "界桩", row("text", "no", "编号")), number="2")

    assert migrated(single, several, {"/data/marker/no": "J1"})[0] == {"/data/marker[1]/no": "J1"}
    assert b"<marker>" not in migrated(single, several, {})[1].xml


def test_of_a_repeat_that_becomes_a_group_the_first_row_stays_and_the_others_are_told():
    several = version(repeat("marker", "界桩", row("text", "no", "编号")))
    single = version(group("marker", "界桩", row("text", "no", "编号")), number="2")

    flat, result = migrated(several, single, {"/data/marker": [{"no": "J1"}, {"no": "J2"}]})

    assert flat == {"/data/marker/no": "J1"}
    assert [(each.old_path, each.text, each.why) for each in result.left_over] == [
        ("/data/marker[2]/no", "J2", "repeat")
    ]
    assert migrated(several, single, {"/data/marker": []})[0] == {}


def test_a_question_moves_out_of_a_repeat_only_where_no_row_is_preferred():
    old = version(repeat("rows", "行", row("text", "who", "人员"), row("text", "n", "n")))
    new = version(
        row("text", "who", "人员", alias="who"), repeat("rows", "行", row("text", "n", "n")), number="2"
    )

    one, result = migrated(old, new, {"/data/rows": [{"n": "1"}, {"n": "2", "who": "王某"}]})
    assert one["/data/who"] == "王某"
    assert result.left_over == ()

    two, result = migrated(old, new, {"/data/rows": [{"who": "李某"}, {"who": "王某"}]})
    assert "/data/who" not in two
    assert [each.text for each in result.left_over] == ["李某", "王某"]


def test_a_question_moves_into_a_repeat_only_where_there_is_one_row():
    old = version(row("text", "who", "人员"), repeat("rows", "行", row("text", "n", "n")))
    new = version(
        repeat("rows", "行", row("text", "who", "人员", alias="who"), row("text", "n", "n")), number="2"
    )

    assert (
        migrated(old, new, {"/data/who": "王某", "/data/rows": [{"n": "1"}]})[0]["/data/rows[1]/who"]
        == "王某"
    )
    for rows in ([], [{"n": "1"}, {"n": "2"}]):
        flat, result = migrated(old, new, {"/data/who": "王某", "/data/rows": rows})
        assert "王某" not in flat.values()
        assert [each.text for each in result.left_over] == ["王某"]


def test_rows_inside_rows_stay_with_their_row():
    def form(inner, name, number, **more):
        return version(
            repeat(
                "sites",
                "场地",
                row("text", "site", "场地"),
                repeat(inner, "样品", row("text", name, "样品", **more), **more),
            ),
            number=number,
        )

    old, new = form("samples", "sample", "1"), form("probes", "probe", "2", alias="samples sample")
    sites = [
        {"site": "甲", "samples": [{"sample": "1"}, {"sample": "2"}]},
        {"site": "乙", "samples": [{"sample": "3"}]},
    ]

    flat, _ = migrated(old, new, {"/data/sites": sites})

    assert flat["/data/sites[1]/probes[2]/probe"] == "2"
    assert flat["/data/sites[2]/probes[1]/probe"] == "3"


def test_what_the_old_form_did_not_know_is_told_too():
    old, new = one_question(), one_question(number="2")
    xml = (
        b'<data id="visit" version="1"> stray <place>a</place><place>b</place><guess><deep>c</deep></guess>'
        b"<meta><instanceID>uuid:1</instanceID><instanceName>n</instanceName></meta></data>"
    )

    result = migrate_instance(xml, old, new)

    assert [(each.old_path, each.text, each.why) for each in result.left_over] == [
        ("/data", "stray", "unknown"),
        ("/data/place[2]", "b", "doubled"),
        ("/data/guess/deep", "c", "unknown"),
    ]
    assert parse_instance(result.xml).instance_name == "n"


def test_templates_of_repeats_are_no_answers():
    old, new = (version(repeat("rows", "行", row("text", "n", "n")), number=number) for number in "12")
    xml = (
        b'<data id="visit" version="1" xmlns:jr="http://openrosa.org/javarosa">'
        b'<rows jr:template=""><n>pattern</n></rows><rows><n>1</n></rows></data>'
    )

    result = migrate_instance(xml, old, new)

    assert result.changes == ()
    assert b"pattern" not in result.xml


def test_namespaces_of_the_phone_stay():
    old, new = one_question(name="spot"), one_question(alias="spot", number="2")
    xml = b'<data xmlns="http://www.w3.org/2002/xforms" id="visit" version="1"><spot>a</spot></data>'

    result = migrate_instance(xml, old, new)

    assert etree.fromstring(result.xml).tag == "{http://www.w3.org/2002/xforms}data"
    assert read_answers(new, parse_instance(result.xml)).get("/data/place").text == "a"


@pytest.mark.parametrize(
    "xml",
    [
        b'<data id="other" version="1"/>',
        b'<data id="visit" version="9"/>',
        b'<visit id="visit" version="1"/>',
    ],
)
def test_a_draft_of_another_version_is_refused(xml):
    with pytest.raises(MigrationError):
        migrate_instance(xml, one_question(), one_question(number="2"))


OLD = version(
    row("text", "place", "地点"),
    row("select_one state", "state", "现状"),
    row("integer", "count", "数量"),
    row("text", "gone", "删除"),
    group("owner", "业主", row("text", "name", "姓名"), row("text", "phone", "电话")),
    repeat(
        "markers",
        "界桩",
        row("text", "no", "编号", required="yes", constraint=KEY),
        row("select_multiple state", "states", "情况"),
        row("image", "photo", "照片"),
        row("decimal", "moved", "位移"),
    ),
    repeat("notes", "备注", row("text", "note", "备注")),
)
NEW = version(
    row("text", "spot", "地点", alias="place", required="yes"),
    row("select_multiple state", "state", "现状"),
    row("text", "count", "数量"),
    row("date", "day", "日期", required="yes"),
    group("party", "业主", row("text", "name", "姓名"), row("integer", "phone", "电话"), alias="owner"),
    repeat(
        "posts",
        "界桩",
        row("text", "number", "编号", alias="no", required="yes", constraint=KEY.replace("markers", "posts").replace("no =", "number =")),
        row("select_one state", "states", "情况", required="yes"),
        row("image", "photo", "照片", required="yes"),
        row("integer", "moved", "位移"),
        alias="markers",
    ),
    group("notes", "备注", row("text", "note", "备注")),
    number="2",
    states={name: STATES[name] for name in ("intact", "broken")},
)  # fmt: skip


def any_answers(chance: random.Random):
    def word():
        return f"{chance.choice('甲乙丙丁')}{chance.randrange(10**9)}"

    filled = {
        "/data/place": word(),
        "/data/state": chance.choice(list(STATES)),
        "/data/count": chance.randrange(10**9),
        "/data/gone": word(),
        "/data/owner/name": word(),
        "/data/owner/phone": chance.choice([word(), str(chance.randrange(10**9))]),
        "/data/markers": [
            {
                "no": word(),
                "states": chance.sample(list(STATES), chance.randrange(4)),
                "photo": f"{word()}.jpg",
                "moved": chance.choice(["1.0", "2.5", "17"]),
            }
            for _ in range(chance.randrange(5))
        ],
        "/data/notes": [{"note": word()} for _ in range(chance.randrange(3))],
    }
    return {path: value for path, value in filled.items() if chance.random() < 0.8}


def test_two_hundred_open_drafts_lose_nothing():
    chance = random.Random(20260914)
    left = 0
    for _ in range(200):
        xml = draft(OLD, any_answers(chance))
        result = migrate_instance(xml, OLD, NEW)
        nothing_is_lost(xml, result)
        answers = read_answers(NEW, parse_instance(result.xml))
        assert answers.misfits == ()
        assert not [each for each in answers if each.text and each.value is None]
        left += len(result.left_over)
    assert left > 100


def test_the_forms_that_ship_migrate_onto_themselves(shipped, compose):
    xml = compose(shipped)
    again = load_form(compile_again(shipped.form_id))

    result = migrate_instance(xml, shipped, again)

    assert result.changes == ()
    assert texts(result.xml) == texts(xml)


def compile_again(form_id):
    from forms.catalog import catalog

    [source] = [each.source for each in catalog() if each.form_id == form_id]
    return compile_xlsform(source, ".md").xform
