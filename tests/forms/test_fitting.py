"""The quick reading of an instance says what the careful one says, or leaves the instance to it."""

import random
from collections.abc import Callable

import pytest
from lxml import etree

from forms import UnreadableInstance, parse_instance, read_answers
from forms.fitting import read_carefully
from forms.quick_fitting import Odd, fit_quickly

ROUNDS = 60


def _groups(root):
    return [each for each in root.iter() if len(each)]


def _leaves(root):
    return [each for each in root.iter() if not len(each)]


def _drop(chance, root):
    each = chance.choice(list(root.iter())[1:])
    each.getparent().remove(each)


def _repeat(chance, root):
    each = chance.choice(list(root.iter())[1:])
    each.addnext(etree.fromstring(etree.tostring(each)))


def _swap(chance, root):
    group = chance.choice(_groups(root))
    group.insert(0, group[-1])


def _stray_text(chance, root):
    chance.choice(_groups(root)).text = chance.choice(["界", " \n ", " x"])


def _stray_tail(chance, root):
    chance.choice(list(root.iter())[1:]).tail = chance.choice(["界", " \n "])


def _unknown(chance, root):
    etree.SubElement(
        chance.choice(_groups(root)), chance.choice(["nowhere", "meta", "{urn:x}task"])
    ).text = "1"


def _write(chance, root):
    chance.choice(_leaves(root)).text = chance.choice(
        ["", "  ", " 7 ", "-0", "x y", "2026-02-30", "OK", "../a.jpg", "35.5 112.4 0 3", "９"]
    )


def _nest(chance, root):
    etree.SubElement(chance.choice(_leaves(root)), "inner")


def _template(chance, root):
    chance.choice(list(root.iter())).set("{http://openrosa.org/javarosa}template", "")


def _namespace(chance, root):
    each = chance.choice(list(root.iter())[1:])
    each.tag = f"{{http://openrosa.org/xforms}}{etree.QName(each).localname}"


DISTURBANCES: tuple[Callable[[random.Random, etree._Element], None], ...] = (
    _drop, _repeat, _swap, _stray_text, _stray_tail, _unknown, _write, _nest, _template, _namespace,
)  # fmt: skip


def test_a_complete_record_of_every_form_is_read_quickly_and_as_with_care(shipped, compose):
    instance = parse_instance(compose(shipped))
    quick, careful = fit_quickly(shipped, instance), read_carefully(shipped, instance)
    assert quick == careful
    assert (list(quick), quick.flat(), quick.media()) == (list(careful), careful.flat(), careful.media())
    assert {answer.path for answer in quick if answer.text} == {answer.path for answer in quick.given}


@pytest.mark.parametrize("seed", range(3))
def test_whatever_was_done_to_a_record_the_quick_reading_never_says_anything_else(shipped, compose, seed):
    chance = random.Random(seed)
    xml = compose(shipped)
    quickly = 0
    for _ in range(ROUNDS // 3):
        root = etree.fromstring(xml)
        for _ in range(chance.randint(1, 3)):
            chance.choice(DISTURBANCES)(chance, root)
        instance = parse_instance(etree.tostring(root))
        careful = read_carefully(shipped, instance)
        try:
            assert fit_quickly(shipped, instance) == careful
            assert not careful.misfits
            quickly += 1
        except Odd:
            pass
        assert read_answers(shipped, instance) == careful
    assert 0 < quickly < ROUNDS // 3


@pytest.mark.parametrize("disturb", [_stray_text, _stray_tail, _nest, _repeat, _swap])
def test_a_layout_that_was_kept_vouches_for_nothing_but_the_names(mine, compose, disturb):
    xml, chance = compose(mine), random.Random(7)
    as_it_is = fit_quickly(mine, parse_instance(xml))
    for _ in range(12):
        root = etree.fromstring(xml)
        disturb(chance, root)
        instance = parse_instance(etree.tostring(root))
        assert read_answers(mine, instance) == read_carefully(mine, instance)
        assert fit_quickly(mine, parse_instance(xml)) == as_it_is


def test_rows_are_numbered_by_their_own_record_whatever_was_read_before(mine, compose):
    root = etree.fromstring(compose(mine))
    rows = root.findall("markers")
    read = []
    for count in (len(rows), 1, len(rows) + 2):
        for each in root.findall("markers"):
            root.remove(each)
        at = root.index(root.find("map")) if root.find("map") is not None else len(root)
        for number in range(count):
            root.insert(at + number, etree.fromstring(etree.tostring(rows[number % len(rows)])))
        instance = parse_instance(etree.tostring(root))
        answers = read_answers(mine, instance)
        assert answers == read_carefully(mine, instance)
        read.append({each.path for each in answers.root.children if each.path.startswith("/data/markers")})
    assert read == [
        {f"/data/markers[{number + 1}]" for number in range(count)} for count in (len(rows), 1, len(rows) + 2)
    ]


def test_after_a_broken_record_a_thread_reads_the_next_as_before(mine, compose):
    xml = compose(mine)
    before = fit_quickly(mine, parse_instance(xml))
    for broken in (xml[:-9], b"<data", b"<data>&nothing;</data>"):
        with pytest.raises(UnreadableInstance):
            parse_instance(broken)
        assert fit_quickly(mine, parse_instance(xml)) == before
