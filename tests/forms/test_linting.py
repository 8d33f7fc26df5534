"""What pyxform lets through and nobody should publish is told at its row and column, with what to do."""

import pytest

from forms import compile_xlsform
from forms.authoring.linting import lint

HEADER = (
    "| | type | name | label::中文 (zh) | label::English (en) | hint::中文 (zh) | hint::English (en) | required"
    " | relevant | constraint | calculation | choice_filter | parameters | repeat_count |"
)
COLUMNS = [column.strip() for column in HEADER.split("|")[2:-1]]
SETTINGS = (
    "| settings |\n| | form_title | form_id | version | default_language |\n| | 表 / F | f | 1 | {} |\n"
)


def row(kind, name="", **cells):
    texts = (
        {}
        if kind.startswith(("end", "calculate"))
        else {"label::中文 (zh)": "甲", "label::English (en)": "A"}
    )
    values = (
        texts
        | {"type": kind, "name": name}
        | {key.replace("__", "::"): value for key, value in cells.items()}
    )
    return "| | " + " | ".join(values.get(column, "").replace("|", r"\|") for column in COLUMNS) + " |"


def findings(*rows, choices="", language="中文 (zh)"):
    source = "\n".join(["| survey |", HEADER, *rows, choices, SETTINGS.format(language)])
    return lint(compile_xlsform(source.encode(), ".md"))


def codes(*rows, **more):
    return [(each.row, each.column, each.code) for each in findings(*rows, **more)]


REASON = {"hint::中文 (zh)": "证明现场情况", "hint::English (en)": "Shows the site"}


def test_a_form_without_faults_has_no_findings():
    assert codes(
        row("integer", "n", constraint=". >= 0 and . < 10"),
        row("begin_repeat", "marks"),
        row("text", "no", constraint="count(../../marks) <= 60 and count(../../marks[no = current()/.]) <= 1"),
        row("image", "photo", parameters="max-pixels=3072", **REASON),
        row("end_repeat"),
        row("calculate", "many", calculation="count(${marks}) + ${n}"),
    ) == []  # fmt: skip


def test_a_form_that_asks_nothing_is_told():
    silent = [row("note", "welcome"), row("calculate", "two", calculation="1 + 1")]

    assert codes(*silent) == [(None, None, "form.empty")]
    assert codes(*silent, row("text", "remark")) == []


@pytest.mark.parametrize(
    ("column", "expression", "code"),
    [
        ("relevant", "${n} = ", "xpath.syntax"),
        ("relevant", "(${n} = 1", "xpath.syntax"),
        ("constraint", "betwen(., 1, 2)", "xpath.unknown-function"),
        ("constraint", "regex(.)", "xpath.arity"),
        ("constraint", "regex(., '(?<=a)b')", "xpath.regex"),
        ("calculation", "selected-at(${n})", "xpath.arity"),
        ("required", "true(1)", "xpath.arity"),
        ("relevant", "/data/nobody = 1", "xpath.absent-path"),
        ("relevant", "../nobody = 1", "xpath.absent-path"),
        ("calculation", "instance('absent')/root/item[name = 'a']/label", "xpath.unknown-list"),
        ("calculation", "count(${n} | ${m})", "phone.union"),
        ("calculation", "(/data/rows/x)[2]", "phone.filtered-path"),
        ("calculation", "distance(${n}, ${m})", "phone.blank-distance"),
    ],
)
def test_an_expression_the_phone_cannot_follow_is_told_at_its_cell(column, expression, code):
    kind = "calculate" if column == "calculation" else "text"
    found = codes(
        row("text", "n"),
        row("text", "m"),
        row("begin_repeat", "rows"),
        row("text", "x"),
        row("end_repeat"),
        row(kind, "wrong", **{column: expression}),
    )
    assert found == [(7, column, code)]


@pytest.mark.parametrize(
    ("rows", "first"),
    [
        ([row("text", "a", relevant="${a} = 'x'")], (2, "relevant")),
        ([row("calculate", "a", calculation="${a} + 1")], (2, "calculation")),
        ([row("calculate", "a", calculation="${b}"), row("calculate", "b", calculation="${a}")], (2, "calculation")),
        ([row("text", "a", relevant="${b} = 1"), row("text", "b", relevant="${a} = 1")], (2, "relevant")),
        (
            [row("begin_group", "g", relevant="${inside} = 1"), row("text", "inside"), row("end_group")],
            (2, "relevant"),
        ),
        (
            [row("calculate", "a", calculation="${c}"), row("text", "b", relevant="${a} = 1"),
             row("calculate", "c", calculation="concat(${b}, '')")],
            (2, "calculation"),
        ),
    ],
)  # fmt: skip
def test_rules_that_run_in_a_circle_are_told_once(rows, first):
    assert [(each.row, each.column) for each in findings(*rows) if each.code == "rule.cycle"] == [first]


def test_a_sum_over_the_rows_before_is_no_circle():
    assert codes(
        row("begin_repeat", "rows"),
        row("decimal", "x"),
        row("calculate", "total", calculation="../x + coalesce(../preceding-sibling::rows[1]/total, 0)"),
        row("end_repeat"),
    ) == []  # fmt: skip


@pytest.mark.parametrize(
    "constraint",
    [
        "count(../../marks[no = current()/.]) <= 1",
        "count(../../marks[no = current()/.]) <= 1 and count(../../marks) <= 60000",
        "count(../../marks) <= 60 or count(../../marks[no = current()/.]) <= 1",
        "not(../../marks[no = current()/. and other != ''])",
    ],
)
def test_comparing_every_row_with_every_other_needs_a_cap(constraint):
    found = codes(
        row("begin_repeat", "marks"),
        row("text", "no", constraint=constraint),
        row("text", "other"),
        row("end_repeat"),
    )
    assert found == [(3, "constraint", "repeat.uncapped")]


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [
        ("image", "max-pixels=3072"),
        ("audio", ""),
        ("video", ""),
        ("file", ""),
        ("geopoint", ""),
        ("geotrace", ""),
    ],
)
def test_evidence_must_say_why_it_is_asked(kind, parameters):
    assert codes(row(kind, "e", parameters=parameters)) == [(2, "hint", "evidence.without-reason")]
    chinese_only = {"hint::中文 (zh)": "证明现场情况"}
    found = codes(row(kind, "e", parameters=parameters, **chinese_only))
    assert (2, "hint", "evidence.without-reason") in found
    assert codes(row(kind, "e", parameters=parameters, **REASON)) == []


def test_a_photo_needs_a_limit():
    assert codes(row("image", "p", **REASON)) == [(2, "parameters", "image.without-max-pixels")]


@pytest.mark.parametrize("kind", ["background-audio", "start-geopoint"])
def test_nothing_is_recorded_behind_ones_back(kind):
    found = codes(row("text", "a"), row(kind, "b"))
    assert (3, "type", "evidence.unasked") in found


def test_a_track_of_where_the_inspector_went_is_refused():
    track = "location-priority=balanced location-min-interval=60 location-max-age=120"
    assert (2, "type", "evidence.unasked") in codes(row("audit", "audit", parameters=track), row("text", "a"))


def test_a_missing_translation_is_told_at_its_column():
    chinese = {"label::English (en)": ""}
    found = codes(row("text", "b"), row("text", "a", **chinese))
    assert found == [(3, "label::English (en)", "text.untranslated")]
    assert codes(row("text", "a", **chinese)) == [], "a form in one language lacks none"


def test_a_default_language_nobody_wrote_in_is_told():
    found = codes(row("text", "a"), language="Deutsch (de)")
    assert found == [(2, "default_language", "language.unknown")]


def test_a_range_must_begin_before_it_ends():
    assert codes(row("range", "r", parameters="start=10 end=1 step=1")) == [(2, "parameters", "range.empty")]


def test_each_finding_says_what_to_do_in_both_languages():
    for finding in findings(row("image", "p"), row("text", "t", relevant="${t} = 1")):
        chinese, _, english = finding.message.partition(" / ")
        assert any("\u4e00" <= sign <= "\u9fff" for sign in chinese), finding
        assert english, finding
        assert finding.severity == "error"


def test_what_a_block_brought_in_is_told_at_the_row_that_asked_for_it():
    item = row("check_item", "ITEM", constraint="/data/conclusions/absent = 1")
    found = findings(row("begin_group", "conclusions"), item, row("end_group"))
    assert [(each.row, each.code) for each in found] == [(3, "xpath.absent-path")]
    assert "check_item" in found[0].message


@pytest.mark.parametrize(
    ("asking", "column"),
    [
        (row("select_one_from_file mines.csv", "where"), "type"),
        (row("select_one_from_file tasks.geojson", "where"), "type"),
        (row("csv-external", "mines", **{"label::中文 (zh)": "", "label::English (en)": ""}), "type"),
        (row("calculate", "where", calculation="pulldata('mines', 'name', 'no', ${n})"), "calculation"),
    ],
    ids=["csv", "geojson", "row of its own", "pulldata"],
)
def test_a_list_that_reaches_no_phone_is_told_where_it_is_asked_for(asking, column):
    assert codes(row("text", "n"), asking) == [(3, column, "xpath.unknown-list")]


def test_lists_that_come_with_tasks_and_the_last_record_are_there():
    assert codes(
        row("select_one_from_file tasks.csv", "task"),
        row("text", "n", constraint=". != ${last-saved#n}"),
        row("calculate", "x", calculation="pulldata('markers', 'x', 'name', ${n})"),
    ) == []  # fmt: skip


CHOICES = (
    "| choices |\n| | list_name | name | label::中文 (zh) | label::English (en) | county |\n"
    "| | mines | m1 | 一号 | One | a |\n| | mines | m2 | 二号 | Two | |\n"
)


@pytest.mark.parametrize(
    ("choice_filter", "expected"),
    [
        ("county = ${n}", []),
        ("county = ${n} and position(..) < 9", []),
        ("province = ${n} or county = 'a'", [(3, "choice_filter", "xpath.absent-path")]),
    ],
)
def test_a_column_that_no_choice_has_is_told_where_it_is_asked_for(choice_filter, expected):
    rows = [row("text", "n"), row("select_one mines", "mine", choice_filter=choice_filter)]
    assert codes(*rows, choices=CHOICES) == expected


def test_a_picture_in_a_label_is_told_to_be_seen_by_nobody():
    header, columns = f"{HEADER} media::image |", [*COLUMNS, "media::image"]
    cells = {"type": "text", "name": "n", "label::中文 (zh)": "甲", "label::English (en)": "A"}
    cells["media::image"] = "mine.png"
    line = "| | " + " | ".join(cells.get(column, "") for column in columns) + " |"
    source = "\n".join(["| survey |", header, line, SETTINGS.format("中文 (zh)")])

    [found] = lint(compile_xlsform(source.encode(), ".md"))

    assert (found.row, found.column, found.code) == (2, "media::image", "media.not-sent")
    assert found.severity == "warning"


def test_an_expression_of_how_many_rows_there_are_is_told_at_its_cell():
    rows = [row("begin_repeat", "rows", repeat_count="${n} many"), row("text", "x"), row("end_repeat")]
    assert codes(row("integer", "n"), *rows) == [(3, "repeat_count", "xpath.syntax")]


def test_why_a_pattern_cannot_be_used_is_told_as_text():
    [found] = findings(row("text", "n", constraint="regex(., '(?=a)b')"))
    assert "不可用：invalid perl operator: (?=" in found.message


@pytest.mark.parametrize(
    ("kind", "default", "fits"),
    [
        ("select_one mines", "m1", True),
        ("select_one mines", "m3", False),
        ("select_one mines", "m1 m2", False),
        ("select_multiple mines", "m2 m1", True),
        ("select_multiple mines", "m2 m3", False),
        ("select_one_from_file tasks.csv", "m3", True),
        ("integer", "-3", True),
        ("integer", "3.5", False),
        ("decimal", "3.5", True),
        ("decimal", "many", False),
        ("date", "2026-02-28", True),
        ("date", "2026-02-30", False),
        ("date", "today()", True),
        ("text", "anything at all", True),
    ],
)
def test_a_default_that_is_no_answer_is_told_at_its_cell(kind, default, fits):
    header, columns = f"{HEADER} default |", [*COLUMNS, "default"]
    cells = {
        "type": kind,
        "name": "n",
        "label::中文 (zh)": "甲",
        "label::English (en)": "A",
        "default": default,
    }
    line = "| | " + " | ".join(cells.get(column, "") for column in columns) + " |"
    source = "\n".join(["| survey |", header, line, CHOICES, SETTINGS.format("中文 (zh)")])

    found = [(each.row, each.column, each.code) for each in lint(compile_xlsform(source.encode(), ".md"))]

    assert found == ([] if fits else [(2, "default", "default.unfit")])
