"""Which node of one form version is which node of another: by path, and by the former name it declares."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from forms.structure import Form, Group, Node, Rule, walk

_TOKEN = re.compile(
    r"""'[^']*'|"[^"]*"|\s+"""
    r"""|(?<![\w.)\]])(?P<absolute>(?:/[\w.\-]+)+)"""
    r"""|(?<![\w.])(?P<relative>(?:\.\./)+[\w.\-]+(?:/[\w.\-]+)*)"""
    r"""|(?<![\w.\-/])(?P<name>[^\W\d][\w.\-]*)(?![\w.\-]*\s*[(:])"""
)


@dataclass(frozen=True, eq=False)
class Correspondence:
    """`former` gives a new node's old one by the new path, `later` an old node's new one by the old path."""

    old: Form
    new: Form
    former: Mapping[str, Node]
    later: Mapping[str, Node]

    @cached_property
    def _renamed(self) -> dict[str, str]:
        """The new path of each old one, and the new name of each name that all nodes of it lost: `[no = 1]`."""
        names: dict[str, set[str]] = {}
        for path, was in self.former.items():
            names.setdefault(was.name, set()).add(path.rpartition("/")[2])
        renamed = {old: new.pop() for old, new in names.items() if len(new) == 1}
        return renamed | {path: node.path for path, node in self.later.items()}

    def same_expression(self, was: Node, before: str | None, node: Node, after: str | None) -> bool:
        """Tell whether an expression at an old node and one at a new node say the same.

        Blanks do not matter, and neither do names that only were renamed.
        """
        return _resolved(before, was.path, self._renamed) == _resolved(after, node.path, {})

    def move_of(self, was: Node, node: Node) -> str:
        """Return `renamed` or `moved`; blank where a node stands as before, under groups that may be renamed."""
        parent = self.former.get(node.path.rpartition("/")[0])
        if parent is None or was.path.rpartition("/")[0] != parent.path:
            return "moved" if was.path != node.path else ""
        return "renamed" if was.name != node.name else ""

    def is_conditional(self, node: Node) -> bool:
        """Tell whether a new node is asked under some condition only."""
        return any(_conditions(self.new, node))

    def same_circumstances(self, was: Node, node: Node) -> bool:
        """Tell whether a node is asked under the same conditions, those of the groups around it included."""
        before = {_resolved(rule, path, self._renamed) for path, rule in _conditions(self.old, was)}
        return before == {_resolved(rule, path, {}) for path, rule in _conditions(self.new, node)}


def correspond(old: Form, new: Form) -> Correspondence:
    """Match the nodes of two versions; a question only with a question, a group with a group or a repeat.

    A path that both have is one node. Otherwise a node is the one that stood under its name in the group that
    became its group, or the one that it declares: the column `bind::alias` holds names or absolute paths of
    earlier versions, parted by blanks. A bare name means a node beside it, else the only one of that name.
    """
    former: dict[str, Node] = {}
    later: dict[str, Node] = {}
    for node in walk(new.root):
        same = old.root if node is new.root else old.node(node.path)
        if same is not None and _are_of_a_sort(same, node):
            former[node.path], later[same.path] = same, node
    named: dict[str, list[Node]] = {}
    for node in walk(old.root):
        named.setdefault(node.name, []).append(node)
    for node in walk(new.root):
        if node.path in former:
            continue
        for candidate in _declared(node, old, former, named):
            if candidate.path not in later and _are_of_a_sort(candidate, node):
                former[node.path], later[candidate.path] = candidate, node
                break
    return Correspondence(old, new, former, later)


def _are_of_a_sort(one: Node, other: Node) -> bool:
    return isinstance(one, Group) == isinstance(other, Group)


def requirement_grew(old: Rule, new: Rule) -> bool:
    """Tell whether an answer must be given where it need not before: from never to sometimes to always."""
    return _strictness(new) > _strictness(old)


def is_optional(rule: Rule) -> bool:
    """Tell whether an answer is never required."""
    return rule.constant is False


def _conditions(form: Form, node: Node) -> Iterator[tuple[str, str]]:
    """Yield the conditions of a node and of the groups around it, each with the path it stands at."""
    steps = node.path.split("/")
    for end in range(2, len(steps) + 1):
        around = form.node("/".join(steps[:end]))
        if around is not None and around.relevant.constant is not True:
            yield around.path, around.relevant.expression


def _strictness(rule: Rule) -> int:
    return {False: 0, None: 1, True: 2}[rule.constant]


def _declared(
    node: Node, old: Form, former: Mapping[str, Node], named: Mapping[str, list[Node]]
) -> Iterator[Node]:
    """Yield the old nodes that a new one may be, the likeliest first."""
    parent = former.get(node.path.rpartition("/")[0])
    beside = f"{parent.path}/" if parent is not None else None
    places = [f"{beside}{node.name}"] if beside else []
    for alias in node.aliases:
        if alias.startswith("/"):
            places.append(alias)
            continue
        if beside:
            places.append(f"{beside}{alias}")
        if len(named.get(alias, ())) == 1:
            places.append(named[alias][0].path)
    for place in places:
        found = old.node(place)
        if found is not None:
            yield found


def _resolved(expression: str | None, path: str, renamed: Mapping[str, str]) -> str:
    """Write an expression without blanks, its paths absolute and by their new names."""

    def replace(found: re.Match[str]) -> str:
        piece = found[0]
        if found["relative"]:
            piece = _absolute(piece, path)
        elif piece.isspace():
            return ""
        return renamed.get(piece, piece) if found.lastgroup else piece

    return _TOKEN.sub(replace, expression or "")


def _absolute(relative: str, path: str) -> str:
    steps = path.split("/")
    for step in relative.split("/"):
        if step == "..":
            del steps[-1:]
        else:
            steps.append(step)
    return "/".join(steps)
