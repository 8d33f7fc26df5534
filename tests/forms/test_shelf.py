"""A tree that is put back on its shelf is blank: nothing of one record is ever seen in the next."""

import random
from itertools import chain

from forms import examine, parse_instance, read_answers
from forms.checking.inflating import inflate
from forms.checking.rules import rules_of
from forms.checking.shelf import MOST_ROWS, Shelf, shelf_of
from tests.forms.filled import LISTS, NOW
from tests.forms.test_fitting import DISTURBANCES, etree


def _told(node):
    """Everything that expressions and judgements can find at a node and below it; no repeat is as good as an empty one."""
    answer = node.answer.path if hasattr(node.answer, "group") else node.answer
    below = [(name, [_told(each) for each in row]) for name, row in node.children.items() if row]
    return (node.name, node.value, node.read, node.index, node.own, node.live, node.shape, answer, below)


def _disturbed(chance, xml):
    root = etree.fromstring(xml)
    for _ in range(chance.randint(0, 4)):
        chance.choice(DISTURBANCES)(chance, root)
    return parse_instance(etree.tostring(root))


def test_a_record_on_a_tree_that_was_used_before_is_the_same_as_on_a_new_one(shipped, compose):
    chance, rules = random.Random(8), rules_of(shipped)
    shelf = Shelf(shipped, rules.document)
    xml = compose(shipped)
    blank = _told(_kept(shelf, read_answers(shipped, parse_instance(xml)), parse_instance(xml)))
    for _ in range(12):
        instance = _disturbed(chance, xml)
        if instance.root_name != shipped.root_name:
            continue
        answers = read_answers(shipped, instance)
        tree = shelf.take(answers, instance)
        fresh = inflate(answers, instance, rules.document)
        assert _told(tree.document) == _told(fresh.document)
        assert {shape: list(map(_told, row)) for shape, row in tree.repeated.items()} == {
            shape: list(map(_told, row)) for shape, row in fresh.repeated.items()
        }
        for node in [*tree.fixed.values(), *chain(*tree.repeated.values())]:  # as settling may leave it
            node.write(chance.choice(["", "1", node.value]))
            node.own = chance.random() < 0.7
            node.set_live(chance.random() < 0.7)
        shelf.put_back(tree)
        assert _told(tree.document) == blank


def _kept(shelf, answers, instance):
    tree = shelf.take(answers, instance)
    shelf.put_back(tree)
    return tree.document


def test_rows_are_kept_up_to_a_number_and_the_others_made_for_each_record(compose, shipped):
    xml = compose(shipped)
    root = etree.fromstring(xml)
    rules = rules_of(shipped)
    paths = [shape.path for shape in rules.document.walk() if shape.repeat and shape.parent.fixed]
    if not paths:
        return
    path = paths[0].removeprefix(f"/{shipped.root_name}/")
    above, name = root.find(path.rpartition("/")[0] or "."), path.rpartition("/")[2]
    first = above.find(name)
    at = len(above) if first is None else list(above).index(first)
    for each in above.findall(name):
        above.remove(each)
    shelf = Shelf(shipped, rules.document)
    for count in (2, MOST_ROWS + 2, 1, MOST_ROWS + 3):
        for _ in range(count):
            above.insert(at, etree.Element(name))
        instance = parse_instance(etree.tostring(root))
        answers = read_answers(shipped, instance)
        tree = shelf.take(answers, instance)
        assert _told(tree.document) == _told(inflate(answers, instance, rules.document).document)
        assert len(tree.rows) <= MOST_ROWS * len(paths)
        shelf.put_back(tree)
        for each in above.findall(name):
            above.remove(each)


def test_records_checked_in_turns_on_one_shelf_are_told_the_same_as_each_alone(shipped, compose):
    chance, xml = random.Random(3), compose(shipped)
    instances = [_disturbed(chance, xml) for _ in range(8)]

    def checked(instance):
        examined = examine(shipped, instance, frozenset(), now=NOW, lists=LISTS)
        return examined.findings, examined.calculated

    alone = []
    for instance in instances:
        shelf_of.cache_clear()
        alone.append(checked(instance))
    assert [checked(instance) for instance in instances] == alone
    kept = shelf_of(shipped, rules_of(shipped).document)
    assert len(kept._trees) == 1
