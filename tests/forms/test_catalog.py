"""The forms that ship are complete in both languages and say why they ask."""

import pytest

from forms import QuestionKind
from forms.catalog import catalog
from forms.structure import Group, walk
from tests.forms.conftest import compiled_catalog


def test_both_forms_ship_and_compile_without_warnings():
    assert [form.form_id for form in catalog()] == ["mine_overstep", "survey_quality"]
    for form_id, form in compiled_catalog().items():
        assert (form.form_id, form.version, form.warnings) == (form_id, "2026.1", ())


def test_no_text_is_missing_in_either_language(shipped):
    texts = []
    for node in walk(shipped.root):
        if isinstance(node, Group):
            texts.append((node.path, node.labels, False))
        else:
            texts += [
                (node.path, words, False)
                for words in (node.hints, node.required_messages, node.constraint_messages)
            ]
            texts.append((node.path, node.labels, False))
            texts += [(f"{node.path} {c.name}", c.labels, True) for c in node.choices or ()]
    for where, words, must in texts:
        if words or must:
            assert set(words) == {"zh", "en"}, where
            assert all(text and text != "-" for text in words.values()), where
            assert any("\u4e00" <= sign <= "\u9fff" or sign.isascii() for sign in words["zh"]), where


def test_every_question_a_person_answers_has_a_chinese_label(shipped):
    for question in shipped.questions():
        is_asked = question.preload is None and question.kind is not QuestionKind.CALCULATE
        if is_asked:
            assert any("\u4e00" <= sign <= "\u9fff" for sign in question.labels["zh"]), question.path


def test_every_rule_has_a_message_in_both_languages(shipped):
    for question in shipped.questions():
        if question.constraint:
            assert set(question.constraint_messages) == {"zh", "en"}, question.path
        if question.required.constant:
            assert set(question.required_messages) == {"zh", "en"}, question.path


def test_every_photo_position_and_signature_says_why_it_is_asked(shipped):
    asked = [
        q
        for q in shipped.questions()
        if q.kind in (QuestionKind.IMAGE, QuestionKind.GEOPOINT, QuestionKind.SIGNATURE)
    ]
    assert len(asked) >= 7
    for question in asked:
        assert set(question.hints) == {"zh", "en"}, question.path


def test_every_photo_is_bounded_in_pixels(shipped):
    for question in shipped.questions():
        if question.kind in (QuestionKind.IMAGE, QuestionKind.SIGNATURE):
            assert question.max_pixels, question.path


@pytest.mark.parametrize(
    ("form_id", "codes"),
    [
        ("mine_overstep", ["MINE_OVERSTEP", "BOUNDARY_MARKER"]),
        ("survey_quality", ["QUALITY_ORG", "QUALITY_SYSTEM", "INSTRUMENTS"]),
    ],
)
def test_each_item_has_its_conclusion(form_id, codes):
    from forms import load_form

    form = load_form(compiled_catalog()[form_id].xform)
    conclusions = form.node("/data/conclusions")
    assert [group.name for group in conclusions.children] == codes
    for code in codes:
        answer = form.question(f"/data/conclusions/{code}/answer")
        assert [choice.labels["zh"] for choice in answer.choices] == [
            "符合",
            "基本符合",
            "不符合",
            "不适用",
            "未检查",
        ]
        assert form.question(f"/data/conclusions/{code}/problem").required.constant
        assert form.question(f"/data/conclusions/{code}/disposal").choice("ORDER_RECTIFY")


def test_signatures_stand_at_their_stable_paths(shipped):
    for name in ("inspector1", "inspector2", "company", "witness"):
        assert shipped.question(f"/data/sign/{name}").kind is QuestionKind.SIGNATURE
    for name in ("inspector1", "inspector2"):
        assert shipped.question(f"/data/sign/{name}").relevant.constant is True
    assert shipped.question("/data/sign/company").relevant.expression.endswith("= 'no'")
    assert shipped.question("/data/sign/refuse_reason").relevant.expression.endswith("= 'yes'")
    assert shipped.question("/data/sign/witness_name").required.constant


def test_methods_in_the_form_are_those_the_geodesy_knows(mine):
    from forms.geodesy import MarkerState, MeasuringMethod

    for path in ("/data/points/method", "/data/markers/meas_method"):
        assert {choice.name for choice in mine.question(path).choices} <= {m.value for m in MeasuringMethod}
    assert {c.name for c in mine.question("/data/markers/displaced").choices} == {
        s.value for s in MarkerState
    }
