"""Rows of ours become plain rows, and every mistake in them is told at a row of the author's own file."""

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from forms import AuthoringError, compile_xlsform, load_form
from forms.authoring.expanding import MAX_DEPTH, MAX_ROWS, Block, expand
from forms.authoring.sheets import Sheet
from forms.catalog import block_source, catalog
from forms.structure import QuestionKind

COLUMNS = [
    "type",
    "name",
    "label::中文 (zh)",
    "label::English (en)",
    "hint::中文 (zh)",
    "hint::English (en)",
    "required",
    "required_message::中文 (zh)",
    "required_message::English (en)",
    "relevant",
    "constraint",
    "constraint_message::中文 (zh)",
    "constraint_message::English (en)",
    "calculation",
    "appearance",
    "parameters",
]
SETTINGS = [
    ["form_title", "form_id", "version", "default_language"],
    ["小表 / Small form", "small", "7", "中文 (zh)"],
]
ITEM = {
    "type": "check_item",
    "name": "MINE_SAFETY",
    "label::中文 (zh)": "安全",
    "label::English (en)": "Safety",
}
PAIR = {
    "type": "compare_item",
    "name": "capital",
    "label::中文 (zh)": "资本",
    "label::English (en)": "Capital",
}


def text(name, **more):
    return {"type": "text", "name": name, "label::中文 (zh)": "名", "label::English (en)": "Name"} | more


def sheets_of(rows, choices=(), columns=COLUMNS):
    survey = [list(columns), *([row.get(column, "") for column in columns] for row in rows)]
    sheets = {"survey": survey}
    if choices:
        sheets["choices"] = [["list_name", "name", "label::中文 (zh)", "label::English (en)"], *choices]
    return sheets | {"settings": SETTINGS}


def as_markdown(sheets) -> bytes:
    lines = []
    for name, rows in sheets.items():
        lines.append(f"| {name} |")
        lines += ["| | " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines).encode()


def as_csv(sheets) -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for name, rows in sheets.items():
        writer.writerow([name])
        writer.writerows(["", *row] for row in rows)
    return buffer.getvalue().encode()


def as_xlsx(sheets) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append([cell or None for cell in row])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def compiled(rows, choices=()):
    return compile_xlsform(as_markdown(sheets_of(rows, choices)), ".md")


def refused(rows, choices=(), **more):
    with pytest.raises(AuthoringError) as refusal:
        compile_xlsform(as_markdown(sheets_of(rows, choices, **more)), ".md")
    return refusal.value.findings


def names_below(form, path):
    return [child.name for child in form.node(path).children]


# include


def test_a_block_stands_where_it_is_included():
    form = compiled([text("before"), {"type": "include", "name": "calibration"}, text("after")])
    assert names_below(load_form(form.xform), "/data") == ["before", "instruments", "after"]


def test_a_block_brings_its_lists_along():
    form = load_form(compiled([{"type": "include", "name": "calibration"}]).xform)
    assert form.question("/data/instruments/in_use").choice("yes").labels["zh"] == "是"


def test_a_list_of_the_form_itself_goes_before_that_of_a_block():
    own = [["yes_no", "yes", "对", "Right"], ["yes_no", "no", "错", "Wrong"]]
    form = load_form(compiled([{"type": "include", "name": "calibration"}], own).xform)
    assert [choice.labels["zh"] for choice in form.question("/data/instruments/in_use").choices] == [
        "对",
        "错",
    ]


def test_two_blocks_with_the_same_list_share_it():
    form = compiled([{"type": "include", "name": "opening"}, {"type": "include", "name": "closing"}])
    named = [(row.values["list_name"], row.values["name"]) for row in form.choice_rows]
    assert len(named) == len(set(named))


def test_rows_know_where_they_came_from_and_where_they_lead():
    form = compiled([text("before"), {"type": "include", "name": "calibration"}, text("after")])
    assert (form.rows[0].row, form.rows[0].block, form.rows[0].path) == (2, None, "/data/before")
    assert (form.rows[1].row, form.rows[1].block, form.rows[1].path) == (
        3,
        "calibration",
        "/data/instruments",
    )
    assert form.rows[2].path == "/data/instruments/kind"
    assert form.rows[-2].values["type"] == "end_repeat"
    assert form.rows[-2].path is None
    assert (form.rows[-1].row, form.rows[-1].path) == (4, "/data/after")
    assert {(row.sheet, row.row, row.block) for row in form.choice_rows} == {("survey", 3, "calibration")}


def test_paths_of_rows_are_those_of_the_form():
    for form in catalog():
        compiled_form = compile_xlsform(form.source, ".md")
        read = load_form(compiled_form.xform)
        for row in compiled_form.rows:
            assert row.path is None or read.node(row.path) is not None, (form.form_id, row.path)


@pytest.mark.parametrize("name", ["", "nothing", "../opening", "rows/check_item", "Opening", "x" * 100])
def test_an_unknown_block_is_told_at_its_row(name):
    (finding,) = refused([text("before"), {"type": "include", "name": name}])
    assert (finding.sheet, finding.row, finding.column, finding.code) == (
        "survey",
        3,
        "name",
        "include.unknown",
    )


def test_an_include_has_a_name_only():
    (finding,) = refused([{"type": "include", "name": "calibration", "relevant": "1 = 1"}])
    assert (finding.row, finding.column, finding.code) == (2, "relevant", "include.column")


def test_what_pyxform_refuses_in_a_block_is_told_at_the_row_that_asked_for_it():
    (finding,) = refused([text("before"), text("instruments"), {"type": "include", "name": "calibration"}])
    assert (finding.sheet, finding.row) == ("survey", 4)
    assert "区块 calibration" in finding.message
    assert "Block calibration" in finding.message


def test_a_row_after_a_block_keeps_its_own_number():
    (finding,) = refused([{"type": "include", "name": "calibration"}, text("a"), text("a")])
    assert (finding.row, finding.code) == (4, "pyxform")


def test_a_missing_block_before_it_is_told_where_the_name_is_used():
    (finding,) = refused([text("before"), {"type": "include", "name": "closing"}])
    assert finding.row == 3
    assert "没有名为" in finding.message


def test_every_row_that_cannot_be_expanded_is_told_at_once():
    findings = refused([{"type": "include", "name": "none"}, text("a"), ITEM | {"name": "small"}])
    assert [(finding.row, finding.code) for finding in findings] == [(2, "include.unknown"), (4, "item.name")]


# check_item


def test_an_item_becomes_a_group_with_its_conclusion():
    form = load_form(
        compiled(
            [
                text("other"),
                ITEM
                | {
                    "hint::中文 (zh)": "查看记录",
                    "hint::English (en)": "See the records",
                    "relevant": "${other} != ''",
                    "constraint": ". != 'conform' or ${other} = 'x'",
                    "constraint_message::中文 (zh)": "不能选符合",
                    "constraint_message::English (en)": "Conforms is not possible",
                },
            ]
        ).xform
    )
    assert names_below(form, "/data/MINE_SAFETY") == [
        "answer",
        "problem",
        "basis",
        "evidence",
        "disposal",
        "rectify_deadline",
        "not_checked_reason",
    ]
    assert form.node("/data/MINE_SAFETY").labels["zh"] == "安全"
    assert "/data/other" in form.node("/data/MINE_SAFETY").relevant.expression
    answer = form.question("/data/MINE_SAFETY/answer")
    assert answer.required.constant
    assert (answer.hints["zh"], answer.constraint_messages["en"]) == ("查看记录", "Conforms is not possible")
    assert answer.constraint.startswith(". != 'conform' or")
    assert [choice.name for choice in answer.choices] == [
        "conform",
        "mostly_conform",
        "not_conform",
        "not_applicable",
        "not_checked",
    ]


@pytest.mark.parametrize(
    ("parameters", "name", "kind"),
    [
        ("", "evidence", QuestionKind.IMAGE),
        ("evidence=photo", "evidence", QuestionKind.IMAGE),
        ("evidence=file", "evidence", QuestionKind.FILE),
        ("evidence=reference", "evidence_ref", QuestionKind.STRING),
    ],
)
def test_an_item_asks_for_its_kind_of_evidence_where_it_does_not_conform(parameters, name, kind):
    form = load_form(compiled([ITEM | {"parameters": parameters}]).xform)
    evidence = form.question(f"/data/MINE_SAFETY/{name}")
    assert evidence.kind is kind
    assert evidence.required.expression == "../answer = 'not_conform'"
    assert set(evidence.hints) == {"zh", "en"}
    assert len([child for child in names_below(form, "/data/MINE_SAFETY") if "evidence" in child]) == 1


def test_an_item_whose_evidence_stands_above_asks_for_none():
    form = load_form(compiled([ITEM | {"parameters": "evidence=above"}]).xform)
    assert not [child for child in names_below(form, "/data/MINE_SAFETY") if "evidence" in child]


@pytest.mark.parametrize("name", ["", "small", "Mine", "MINE-X", "1MINE", "MINE X", "_MINE", "矿山"])
def test_a_bad_code_is_told_at_its_row(name):
    (finding,) = refused([text("before"), ITEM | {"name": name}])
    assert (finding.sheet, finding.row, finding.column, finding.code) == ("survey", 3, "name", "item.name")


@pytest.mark.parametrize(
    "parameters",
    [
        "evidence=video",
        "evidence",
        "photo",
        "proof=photo",
        "evidence=photo evidence=file",
        "evidence = photo",
    ],
)
def test_bad_parameters_are_told_with_what_there_is(parameters):
    (finding,) = refused([ITEM | {"parameters": parameters}])
    assert (finding.row, finding.column, finding.code) == (2, "parameters", "item.parameters")
    assert "evidence=above" in finding.message


@pytest.mark.parametrize(
    "column", ["required", "calculation", "appearance", "required_message::English (en)"]
)
def test_a_cell_that_an_item_does_not_use_is_told(column):
    (finding,) = refused([ITEM | {column: "x"}])
    assert (finding.row, finding.column, finding.code) == (2, column, "item.column")


@pytest.mark.parametrize("column", ["label::中文 (zh)", "label::English (en)"])
def test_an_item_without_a_label_is_told(column):
    (finding,) = refused([ITEM | {column: ""}])
    assert (finding.row, finding.column, finding.code) == (2, column, "item.label")


def test_two_items_of_one_code_are_told_at_the_second():
    (finding,) = refused([ITEM, text("between"), ITEM])
    assert finding.row == 4
    assert "check_item" in finding.message


def test_remarks_of_the_author_do_not_matter():
    columns = [*COLUMNS, "备注"]
    source = as_markdown(sheets_of([ITEM | {"备注": "还要问法规科"}], columns=columns))
    assert compile_xlsform(source, ".md").xform == compiled([ITEM]).xform


def test_an_earlier_name_belongs_to_the_group():
    source = as_markdown(sheets_of([ITEM | {"bind::alias": "SAFETY"}], columns=[*COLUMNS, "bind::alias"]))
    assert b'nodeset="/data/MINE_SAFETY" alias="SAFETY"' in compile_xlsform(source, ".md").xform


# compare_item


def test_a_known_publicised_value_is_shown_and_one_that_is_not_known_is_asked():
    rows = [
        PAIR | {"calculation": "concat('1', '0')"},
        PAIR | {"name": "staff", "parameters": "type=integer"},
    ]
    form = load_form(compiled(rows).xform)
    shown, asked = form.question("/data/capital/published"), form.question("/data/staff/published")
    assert (shown.calculate, shown.readonly.constant) == ("concat('1', '0')", True)
    assert (asked.calculate, asked.kind, asked.required.constant) == (None, QuestionKind.INTEGER, False)
    assert form.question("/data/staff/checked").kind is QuestionKind.INTEGER


def test_a_difference_has_to_be_told_and_shown():
    form = load_form(compiled([PAIR]).xform)
    assert names_below(form, "/data/capital") == ["published", "checked", "same", "difference", "evidence"]
    assert form.question("/data/capital/same").required.constant
    for name in ("difference", "evidence"):
        assert form.question(f"/data/capital/{name}").required.constant
        assert form.question(f"/data/capital/{name}").relevant.expression == "../same = 'no'"


@pytest.mark.parametrize(
    ("more", "column", "code"),
    [
        ({"name": "CAPITAL"}, "name", "item.name"),
        ({"name": "the-capital"}, "name", "item.name"),
        ({"parameters": "type=select"}, "parameters", "item.parameters"),
        ({"constraint": ". > 0"}, "constraint", "item.column"),
    ],
)
def test_a_bad_comparison_is_told_at_its_row(more, column, code):
    (finding,) = refused([text("before"), PAIR | more])
    assert (finding.row, finding.column, finding.code) == (3, column, code)


# the three file types


AWKWARD = [
    text("first", **{"hint::中文 (zh)": "编号#3 以 # 开头", "hint::English (en)": "no. #3  begins with #"}),
    text("second", **{"constraint": "regex(., '^(a|b)$')", "constraint_message::中文 (zh)": "甲|乙"}),
    {"type": "include", "name": "opening"},
    {
        "type": "begin_group",
        "name": "conclusions",
        "label::中文 (zh)": "结论",
        "label::English (en)": "Conclusions",
    },
    ITEM | {"parameters": "evidence=file", "relevant": "${first} != '#'"},
    PAIR | {"calculation": "concat(${second}, '|')", "parameters": "type=date"},
    {"type": "end_group"},
    {"type": "include", "name": "closing"},
]


def test_markdown_csv_and_xlsx_of_one_form_agree():
    sheets = sheets_of(AWKWARD)
    from_markdown = compile_xlsform(as_markdown(sheets), ".md")
    from_csv = compile_xlsform(as_csv(sheets), ".csv")
    from_xlsx = compile_xlsform(as_xlsx(sheets), ".xlsx")
    assert from_markdown.xform == from_csv.xform == from_xlsx.xform
    assert from_markdown.rows == from_csv.rows == from_xlsx.rows
    assert from_markdown.choice_rows == from_csv.choice_rows == from_xlsx.choice_rows


def test_pipes_and_hashes_in_cells_survive():
    form = load_form(compiled(AWKWARD).xform)
    assert form.question("/data/second").constraint == "regex(., '^(a|b)$')"
    assert form.question("/data/first").hints == {"zh": "编号#3 以 # 开头", "en": "no. #3 begins with #"}
    assert form.question("/data/conclusions/capital/published").calculate.endswith("'|')")


@pytest.mark.parametrize(("write", "file_type"), [(as_markdown, ".md"), (as_csv, ".csv"), (as_xlsx, ".xlsx")])
def test_the_row_is_that_of_the_file_whatever_its_type(write, file_type):
    rows = [text("before"), {"type": "include", "name": "opening"}, ITEM | {"parameters": "evidence=smell"}]
    with pytest.raises(AuthoringError) as refusal:
        compile_xlsform(write(sheets_of(rows)), file_type)
    assert [(each.sheet, each.row) for each in refusal.value.findings] == [("survey", 4)]


def test_comments_in_markdown_are_not_rows():
    source = as_markdown(sheets_of([text("a"), ITEM | {"name": "bad"}])).decode()
    commented = source.replace("| | check_item", "# A comment.\n| | check_item")
    with pytest.raises(AuthoringError) as refusal:
        compile_xlsform(commented.encode(), ".md")
    assert refusal.value.findings[0].row == 3


def test_the_bytes_do_not_depend_on_the_process_that_made_them():
    source = as_markdown(sheets_of(AWKWARD))
    program = (
        "import sys; from forms import compile_xlsform;"
        "print(compile_xlsform(sys.stdin.buffer.read(), '.md').sha256)"
    )
    root = Path(__file__).parents[2]
    hashes = {
        subprocess.run(
            [sys.executable, "-c", program],
            input=source,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert hashes == {compile_xlsform(source, ".md").sha256.encode()}


# limits


def library(**blocks):
    """Blocks that hold nothing but includes of the named others."""

    def find(name):
        rows = tuple({"type": "include", "name": other} for other in blocks.get(name, ()))
        return (
            Block(Sheet(rows=rows or ({"type": "text", "name": "end"},)), Sheet()) if name in blocks else None
        )

    return find


def expanded(blocks, first="a"):
    return expand(Sheet(rows=({"type": "include", "name": first},)), Sheet(), blocks)


def test_blocks_include_blocks_down_to_the_allowed_depth():
    chain = library(a=["b"], b=["c"], c=[])
    assert MAX_DEPTH == 3
    (row,) = expanded(chain).rows
    assert (row.row, row.block, row.path) == (2, "a/b/c", "/data/end")


@pytest.mark.parametrize(
    ("blocks", "code"),
    [
        (library(a=["b"], b=["c"], c=["d"], d=[]), "include.depth"),
        (library(a=["a"]), "include.cycle"),
        (library(a=["b"], b=["a"]), "include.cycle"),
        (library(a=["nothing"]), "include.unknown"),
    ],
)
def test_a_nest_that_is_too_deep_a_cycle_and_a_gap_are_told_at_the_authors_row(blocks, code):
    with pytest.raises(AuthoringError) as refusal:
        expanded(blocks)
    (finding,) = refusal.value.findings
    assert (finding.sheet, finding.row, finding.code) == ("survey", 2, code)
    assert finding.message.startswith("区块 a")


def test_a_form_of_as_many_rows_as_are_allowed_is_expanded_and_one_more_is_refused():
    rows = tuple({"type": "text", "name": f"q{number}"} for number in range(MAX_ROWS + 1))
    assert len(expand(Sheet(rows=rows[:-1]), Sheet(), library()).rows) == MAX_ROWS
    with pytest.raises(AuthoringError) as refusal:
        expand(Sheet(rows=rows), Sheet(), library())
    (finding,) = refusal.value.findings
    assert (finding.row, finding.code) == (MAX_ROWS + 2, "rows.limit")


def test_includes_that_grow_beyond_the_limit_are_refused_at_once():
    wide = library(a=["b"] * 1000, b=["c"] * 1000, c=[])
    with pytest.raises(AuthoringError) as refusal:
        expanded(wide)
    assert refusal.value.findings[0].code == "rows.limit"


# the blocks that ship


def block_names():
    folder = Path(sys.modules[block_source.__module__].__file__).parent / "blocks"
    return sorted(path.stem for path in folder.glob("*.md"))


def test_blocks_that_share_a_list_agree_on_it():
    from forms.authoring.sheets import read_workbook

    lists = {}
    for name in [*block_names(), "rows/check_item", "rows/compare_item"]:
        choices = read_workbook(block_source(name), ".md").choices
        for list_name in {row["list_name"] for row in choices.rows}:
            mine = [dict(row) for row in choices.rows if row["list_name"] == list_name]
            assert lists.setdefault(list_name, mine) == mine, (name, list_name)


def test_every_block_is_used_by_a_form_that_ships():
    used = {
        part
        for form in catalog()
        for row in compile_xlsform(form.source, ".md").rows
        for part in (row.block or "").split("/")
    }
    assert set(block_names()) <= used


def test_blocks_are_no_forms():
    assert not {form.form_id for form in catalog()} & set(block_names())
    assert [form.form_id for form in catalog()] == sorted(form.form_id for form in catalog())
