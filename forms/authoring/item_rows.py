"""What an author writes in a `check_item` or `compare_item` row, and which variant of its pattern it asks for."""

import re
from dataclasses import dataclass

from forms.authoring.sheets import Row

_TEXTS = ("label::中文 (zh)", "label::English (en)", "hint::中文 (zh)", "hint::English (en)")
_ALIAS = "bind::alias"  # the name the group had in earlier versions
_MESSAGES = ("constraint_message::中文 (zh)", "constraint_message::English (en)")

_COLUMNS = frozenset(
    {
        "type",
        "name",
        "label",
        "hint",
        "guidance_hint",
        "required",
        "required_message",
        "relevant",
        "constraint",
        "constraint_message",
        "calculation",
        "appearance",
        "parameters",
        "read_only",
        "default",
        "choice_filter",
        "trigger",
        "media",
        "bind",
        "control",
        "instance",
    }
)
"""First words of the columns that mean something to pyxform; any other column is a remark of the author."""


class BadRowError(Exception):
    """A row that cannot be expanded, in both languages, with the column to correct."""

    def __init__(self, message: str, message_en: str, *, column: str | None = None, code: str) -> None:
        super().__init__(message_en)
        self.message = message
        self.message_en = message_en
        self.column = column
        self.code = code


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A row type with a pattern: the columns it reads, the form of its name, the parameters it knows.

    `parameters` maps each parameter to its values, the first of which is the default. `name_form` is told to
    an author whose name does not match `name`.
    """

    kind: str
    columns: frozenset[str]
    name: re.Pattern[str]
    name_form: tuple[str, str]
    parameters: dict[str, tuple[str, ...]]

    def read(self, values: Row) -> dict[str, str]:
        """Check a row and return its variants by parameter; raises BadRowError.

        Variants are what the column `only` of a pattern names. A calculation makes a variant of its own:
        `source` is `calculated` with one, else the value of `type`.
        """
        for column in values:
            if column not in self.columns and column.partition("::")[0] in _COLUMNS:
                raise BadRowError(
                    f"{self.kind} 行不使用 {column} 列，请清空",
                    f"A {self.kind} row does not use the column {column}: clear it",
                    column=column,
                    code="item.column",
                )
        if not self.name.fullmatch(values.get("name", "").strip()):
            raise BadRowError(
                f"{self.kind} 的 name 应为{self.name_form[0]}",
                f"The name of a {self.kind} has to be {self.name_form[1]}",
                column="name",
                code="item.name",
            )
        for column in _TEXTS[:2]:
            if not values.get(column, "").strip():
                raise BadRowError(
                    f"请填写 {self.kind} 的 {column}",
                    f"Fill in the {column} of the {self.kind}",
                    column=column,
                    code="item.label",
                )
        return self._variants(values)

    def _variants(self, values: Row) -> dict[str, str]:
        chosen = {name: offered[0] for name, offered in self.parameters.items()}
        seen: set[str] = set()
        for word in values.get("parameters", "").split():
            name, _, value = word.partition("=")
            if value not in self.parameters.get(name, ()) or name in seen:
                offered = "、".join(f"{n}={v}" for n, each in self.parameters.items() for v in each)
                raise BadRowError(
                    f"不认识参数“{word[:64]}”，可以写：{offered}",
                    f'The parameter "{word[:64]}" is not known; there are: {offered.replace("、", ", ")}',
                    column="parameters",
                    code="item.parameters",
                )
            seen.add(name)
            chosen[name] = value
        if "calculation" in self.columns:
            chosen["source"] = "calculated" if values.get("calculation", "").strip() else "asked"
        return chosen


ITEM_ROWS = {
    "check_item": ItemRow(
        kind="check_item",
        columns=frozenset(
            {"type", "name", *_TEXTS, *_MESSAGES, "relevant", "constraint", "parameters", _ALIAS}
        ),
        name=re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*"),
        name_form=("检查事项编码，如 MINE_OVERSTEP", "the code of an item, such as MINE_OVERSTEP"),
        parameters={"evidence": ("photo", "above", "reference", "file")},
    ),
    "compare_item": ItemRow(
        kind="compare_item",
        columns=frozenset({"type", "name", *_TEXTS, "relevant", "calculation", "parameters", _ALIAS}),
        name=re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*"),
        name_form=(
            "小写字母、数字和下划线，如 licence_no",
            "lower case with underscores, such as licence_no",
        ),
        parameters={"type": ("text", "decimal", "integer", "date")},
    ),
}
