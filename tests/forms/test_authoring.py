"""Authors get the sheet and the row, and the same source always gives the same form."""

import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest

from forms import AuthoringError, compile_xlsform, load_form
from tests.forms.conftest import SMALL


def findings_of(source: str | bytes, file_type=".md"):
    with pytest.raises(AuthoringError) as refusal:
        compile_xlsform(source.encode() if isinstance(source, str) else source, file_type)
    return refusal.value.findings


def as_xlsx(markdown: str) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for line in markdown.strip().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 1:
            sheet = book.create_sheet(cells[0])
        else:
            sheet.append([cell or None for cell in cells[1:]])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def as_csv(markdown: str) -> bytes:
    lines = []
    for line in markdown.strip().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        lines.append(",".join(f'"{cell}"' for cell in cells))
    return "\n".join(lines).encode()


def test_a_form_is_named_by_its_settings():
    form = compile_xlsform(SMALL.encode(), ".md")
    assert (form.form_id, form.version, form.title) == ("small", "7", "小表 / Small form")
    assert len(form.sha256) == 64


def test_the_same_form_from_markdown_and_xlsx_gives_the_same_bytes():
    assert compile_xlsform(as_xlsx(SMALL), ".xlsx").xform == compile_xlsform(SMALL.encode(), ".md").xform


def test_a_form_from_csv_is_the_same_too():
    assert compile_xlsform(as_csv(SMALL), ".csv").xform == compile_xlsform(SMALL.encode(), ".md").xform


def test_the_bytes_do_not_depend_on_the_process_that_made_them():
    program = (
        "import sys; from forms import compile_xlsform;"
        "print(compile_xlsform(sys.stdin.buffer.read(), '.md').sha256)"
    )
    root = Path(__file__).parents[2]
    hashes = {
        subprocess.run(
            [sys.executable, "-c", program],
            input=SMALL.encode(),
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(root)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert hashes == {compile_xlsform(SMALL.encode(), ".md").sha256.encode() + b"\n"}


@pytest.mark.parametrize("setting", ["form_id", "version", "form_title"])
def test_a_form_without_id_version_or_title_is_refused(setting):
    (finding,) = findings_of(SMALL.replace(f" {setting} |", " other |"))
    assert (finding.sheet, finding.row) == ("settings", 2)
    assert setting in finding.message


def test_a_form_without_settings_is_refused_for_all_it_lacks():
    assert [f.sheet for f in findings_of(SMALL.split("| settings")[0])] == ["settings"] * 3


@pytest.mark.parametrize(
    ("written", "wrong", "sheet", "row"),
    [
        ("| text | name |", "| tekst | name |", "survey", 3),
        ("${yes_no} =", "${yes_or_no} =", "survey", 17),
        ("| integer | count |", "| integer | name |", "survey", 4),
        ("| text | why | 原因 | Why |", "| text | why | | |", "survey", 18),
        ("select_one yn", "select_one maybe", "survey", 12),
        ("| yn | no |", "| yn | yes |", "choices", 3),
        ("| text | name |", "| text | 1 name |", "survey", 3),
    ],
)
def test_a_mistake_is_told_with_its_sheet_and_row(written, wrong, sheet, row):
    (finding,) = findings_of(SMALL.replace(written, wrong))
    assert (finding.sheet, finding.row) == (sheet, row)
    assert finding.message


@pytest.mark.parametrize(
    ("written", "wrong", "column", "chinese"),
    [
        ("| text | name |", "| tekst | name |", None, "没有题型“tekst”"),
        ("${yes_no} =", "${yes_or_no} =", "relevant", "没有名为“yes_or_no”的问题"),
        ("select_one yn", "select_one maybe", None, "没有选项列表“maybe”"),
        ("| yn | no |", "| yn | yes |", "name", "同一选项列表中名称重复"),
        ("| text | name |", "| text | 1 name |", "name", "名称须以字母或下划线开头"),
    ],
)
def test_a_mistake_is_told_in_both_languages_with_its_column(written, wrong, column, chinese):
    (finding,) = findings_of(SMALL.replace(written, wrong))
    assert (finding.column, finding.code) == (column, "pyxform")
    message, _, message_en = finding.message.partition(" / ")
    assert message.startswith(chinese)
    assert message_en.isascii()


def test_each_of_several_mistakes_that_are_found_together_is_told():
    twice = SMALL.replace("| yn | no | 否 | No |", "| yn | yes | 否 | No |\n| | yn | yes | 非 | Neither |")
    assert [(finding.sheet, finding.row) for finding in findings_of(twice)] == [
        ("choices", 3),
        ("choices", 4),
    ]


def test_a_cell_beyond_the_header_is_refused():
    (finding,) = findings_of(
        SMALL.replace(
            "| | text | name | 名称 | Name | yes |", "| | text | a | b | c | d | e | f | g | h | i | j |"
        )
    )
    assert finding.sheet == "file"


def test_a_column_without_a_name_is_told_at_the_row_that_uses_it():
    unnamed = SMALL.replace("| type | name |", "| type | name | |").replace(
        "| text | name |", "| text | name | x |"
    )
    assert {(finding.sheet, finding.row, finding.code) for finding in findings_of(unnamed)} >= {
        ("survey", 3, "header.missing")
    }


def test_two_columns_that_mean_the_same_are_told():
    (finding,) = findings_of(SMALL.replace("| relevant | calculation |", "| relevant | relevance |"))
    assert (finding.sheet, finding.row, finding.column, finding.code) == (
        "survey",
        1,
        "relevance",
        "header.duplicate",
    )


def test_columns_may_be_spelled_in_any_way_that_xlsform_knows():
    spelled = SMALL.replace("| relevant | calculation |", "| Relevance | calculate |")
    assert compile_xlsform(spelled.encode(), ".md").xform == compile_xlsform(SMALL.encode(), ".md").xform


@pytest.mark.parametrize("file_type", [".md", ".csv"])
def test_the_mark_that_spreadsheets_write_before_text_is_no_part_of_it(file_type):
    source = as_csv(SMALL) if file_type == ".csv" else SMALL.strip().encode()
    marked = b"\xef\xbb\xbf" + source
    assert compile_xlsform(marked, file_type).xform == compile_xlsform(source, file_type).xform


def test_warnings_tell_the_row_of_the_authors_file():
    unlabelled = SMALL.replace("| | begin_repeat | rows | 行 | Rows |", "| | begin_repeat | rows | | |")
    warnings = compile_xlsform(unlabelled.encode(), ".md").warnings
    [found] = [each for each in warnings if "Repeat has no label" in each.message]
    assert (found.sheet, found.row, found.severity) == ("survey", 20, "warning")
    assert found.message.startswith("此组没有标签")


def test_a_warning_nobody_foresaw_does_not_say_that_the_form_cannot_be_compiled():
    old = SMALL.replace("| | begin_repeat |", "| | simserial | sim | | |\n| | begin_repeat |", 1)
    warnings = compile_xlsform(old.encode(), ".md").warnings
    [found] = [each for each in warnings if "no longer supported" in each.message]
    assert (found.sheet, found.severity) == ("survey", "warning")
    assert found.message.startswith("可以发布")


def test_a_form_that_pyxform_trips_over_is_refused(monkeypatch):
    def trip(**_arguments):
        raise KeyError("children")

    monkeypatch.setattr("pyxform.xls2xform.convert", trip)
    (finding,) = findings_of(SMALL)
    assert (finding.sheet, finding.row, finding.code) == ("file", None, "pyxform")


def test_an_unclosed_group_is_told_where_it_begins():
    (finding,) = findings_of(SMALL.replace("| | end_group | | | | | | | | |\n", ""))
    assert (finding.sheet, finding.row) == ("survey", 17)


@pytest.mark.parametrize("file_type", [".md", ".csv", ".xlsx"])
@pytest.mark.parametrize("source", [b"", b"hello", b"\xff\xfe\x00", b"PK\x03\x04broken"])
def test_a_file_that_is_no_form_is_refused(source, file_type):
    assert findings_of(source, file_type)


def test_an_xlsx_with_a_damaged_name_inside_is_refused():
    damaged = io.BytesIO()
    with zipfile.ZipFile(damaged, "w") as archive:
        archive.writestr("é.xml", b"")
    (finding,) = findings_of(damaged.getvalue().replace("é".encode(), b"\xff\xfe"), ".xlsx")
    assert finding.code == "file.unreadable"


def test_an_xlsx_that_unpacks_to_too_much_is_refused_before_unpacking():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 60_000_000)
    (finding,) = findings_of(buffer.getvalue(), ".xlsx")
    assert "过大" in finding.message


def test_a_source_of_many_megabytes_is_refused():
    assert "过大" in findings_of(b"|" * 5_000_001)[0].message


def test_a_loaded_form_knows_its_questions(small):
    assert small.languages == ("zh", "en")
    assert dict(small.titles) == {"zh": "小表", "en": "Small form"}
    kinds = {question.name: question.kind.value for question in small.questions()}
    assert kinds["here"] == "geopoint"
    assert kinds["several"] == "select_multiple"
    assert kinds["paper"] == "file"
    assert kinds["photo"] == "image"
    assert kinds["seen"] == "trigger"
    assert small.question("/data/rows[3]/photo").path == "/data/rows/photo"
    assert small.question("/data/yes_no").choice("yes").labels["zh"] == "是"
    assert small.question("/data/name").required.constant is True
    assert small.node("/data/hidden").relevant.constant is None
    assert small.node("/data/rows").repeat


def test_what_is_no_xform_is_refused():
    from forms import UnreadableForm

    for xform in (b"<a/>", b"", b"<!DOCTYPE a><a/>"):
        with pytest.raises(UnreadableForm):
            load_form(xform)


def test_an_xform_without_a_version_is_refused():
    from forms import UnreadableForm

    xform = compile_xlsform(SMALL.encode(), ".md").xform.replace(b' version="7"', b"")
    with pytest.raises(UnreadableForm, match=r"form\.unnamed"):
        load_form(xform)
