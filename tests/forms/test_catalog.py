"""The forms that ship are complete in both languages, say why they ask, and can be published as they are."""

import json
from pathlib import Path

import pytest
from lxml import etree

from forms import QuestionKind, load_form
from forms.authoring.linting import lint
from forms.catalog import catalog
from forms.structure import Group, walk
from server.registry.items import STANDARD_ITEMS
from server.registry.spellings import spellings
from tests.forms.conftest import compiled_catalog

PUBLISHED = json.loads((Path(__file__).parent / "published_forms.json").read_text())
FORMS = [
    "boundary_marker",
    "geo_exploration",
    "joint_visit",
    "land_reclamation",
    "land_valuation",
    "map_review",
    "mine_overstep",
    "mr_publicity",
    "planning_unit",
    "result_delivery",
    "secret_results",
    "survey_qualification",
    "survey_quality",
]


def test_every_checklist_of_the_bureau_ships():
    assert [form.form_id for form in catalog()] == FORMS
    for form_id, form in compiled_catalog().items():
        assert form.form_id == form_id
        assert form.warnings == ()


@pytest.mark.parametrize("form_id", FORMS)
def test_every_form_publishes_without_a_finding(form_id):
    assert lint(compiled_catalog()[form_id]) == []


@pytest.mark.parametrize("form_id", FORMS)
def test_a_version_that_went_out_never_changes(form_id):
    """A form, or a block it includes, that changes needs a new version: then it is entered in the list."""
    form = compiled_catalog()[form_id]
    assert PUBLISHED[form_id][form.version] == form.sha256


@pytest.mark.parametrize("form_id", FORMS)
def test_a_usual_answer_is_one_that_its_question_offers(form_id):
    """`bind::usual` is what the phone answers with one tap: a choice of the question, or `now` for a moment."""
    compiled = compiled_catalog()[form_id]
    questions = {question.path: question for question in load_form(compiled.xform).questions()}
    usual = {
        bind.get("nodeset"): bind.get("usual")
        for bind in etree.fromstring(compiled.xform).iter("{http://www.w3.org/2002/xforms}bind")
        if bind.get("usual")
    }

    assert "/data/sign/refused" in usual
    for path, answer in usual.items():
        question = questions[path]
        offered = {choice.name for choice in question.choices or ()} or {"now"}
        assert set(answer.split()) <= offered, path
        assert bool(question.choices) or question.kind is QuestionKind.DATETIME, path


def test_no_text_is_missing_in_either_language(shipped):
    texts = []
    for node in walk(shipped.root):
        texts.append((node.path, node.labels, False))
        if not isinstance(node, Group):
            texts += [
                (node.path, words, False)
                for words in (node.hints, node.required_messages, node.constraint_messages)
            ]
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


def test_required_photos_are_few(shipped):
    always = [
        question.path
        for question in shipped.questions()
        if question.kind is QuestionKind.IMAGE and question.required.constant and question.relevant.constant
    ]
    assert len(always) <= 6, always


def test_each_item_is_concluded_in_the_same_words(shipped):
    conclusions = shipped.node("/data/conclusions")
    items = [each for each in conclusions.children if isinstance(each, Group)]
    assert items
    for item in items:
        answer = shipped.question(f"{item.path}/answer")
        assert [choice.labels["zh"] for choice in answer.choices] == [
            "符合",
            "基本符合",
            "不符合",
            "不适用",
            "未检查",
        ]
        assert shipped.question(f"{item.path}/problem").required.constant
        assert shipped.question(f"{item.path}/disposal").choice("ORDER_RECTIFY")
        assert shipped.question(f"{item.path}/not_checked_reason").required.constant


@pytest.mark.parametrize("item", STANDARD_ITEMS, ids=lambda item: item.code)
def test_each_item_of_the_list_has_its_conclusion_in_its_form(item):
    form = load_form(compiled_catalog()[item.form_id].xform)
    assert form.node(f"/data/conclusions/{item.code}") is not None
    assert item.name
    assert item.basis
    assert item.content


def test_no_two_items_are_called_the_same():
    assert len({item.code for item in STANDARD_ITEMS}) == len(STANDARD_ITEMS)
    assert len({item.name for item in STANDARD_ITEMS}) == len(STANDARD_ITEMS)
    names = {item.name: item.code for item in STANDARD_ITEMS}
    for item in STANDARD_ITEMS:
        for spelling in spellings(item.name, item.aliases):
            assert names.get(spelling, item.code) == item.code or spelling in item.aliases, spelling


def test_signatures_stand_at_their_stable_paths(shipped):
    for name in ("inspector1", "inspector2", "company", "witness"):
        assert shipped.question(f"/data/sign/{name}").kind is QuestionKind.SIGNATURE
    for name in ("inspector1", "inspector2"):
        assert shipped.question(f"/data/sign/{name}").relevant.constant is True
    assert "= 'no'" in shipped.question("/data/sign/company").relevant.expression
    assert shipped.question("/data/sign/refuse_reason").relevant.expression.endswith("= 'yes'")
    assert shipped.question("/data/sign/witness_name").required.constant


def test_what_the_server_reads_stands_at_its_stable_paths(shipped):
    for path in ("/data/task/task_ref", "/data/visit/start_at", "/data/visit/place_position"):
        assert shipped.question(path)
    assert shipped.question("/data/statement/end_at").data_type == "dateTime"
    assert "tasks" in shipped.external_lists


def test_experts_and_assistants_are_told_apart_from_inspectors(shipped):
    assert shipped.node("/data/inspectors/assistants").repeat
    assert shipped.node("/data/inspectors/more_inspectors").repeat


def test_the_form_for_secret_results_takes_neither_sound_nor_film_nor_files():
    form = load_form(compiled_catalog()["secret_results"].xform)
    assert form.restricted
    kinds = {question.kind for question in form.questions()}
    assert not kinds & {QuestionKind.AUDIO, QuestionKind.VIDEO, QuestionKind.FILE}
    photos = [question for question in form.questions() if question.kind is QuestionKind.IMAGE]
    assert all(question.relevant.constant is None for question in photos)


def test_methods_in_the_form_are_those_the_geodesy_knows(mine):
    from forms.geodesy import ElevationSource, MarkerState, MeasuringMethod

    for path in ("/data/points/method", "/data/markers/meas_method"):
        assert {choice.name for choice in mine.question(path).choices} <= {m.value for m in MeasuringMethod}
    assert {c.name for c in mine.question("/data/markers/displaced").choices} == {
        s.value for s in MarkerState
    }
    assert {c.name for c in mine.question("/data/points/elevation_source").choices} <= {
        s.value for s in ElevationSource
    }
