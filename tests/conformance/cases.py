"""The cases of the conformance suite, read from JSON.

A file in cases/ names a form, the time at which its instances are completed, the lists it looks up, a base
instance without findings, and cases which change one or two answers of it:

    {"form": "forms/dates", "now": "2026-09-14T11:40:00+08:00", "lists": {"tasks": "tasks.csv"},
     "base": {"/data/day": "2026-09-01"},
     "cases": [{"name": "a sentence",
                "set": {"/data/day": "2026-09-15"}, "remove": ["/data/visit"],
                "expect": {"violations": [{"path": "/data/day", "kind": "constraint"}],
                           "calculated": {"/data/next_day": "2026-09-16"},
                           "server": [{"path": "/data/day", "kind": "type"}]},
                "engine": {"defect": "3", "violations": []}}]}

`base` holds answers as `forms.compose_instance` takes them; "filled" stands for the complete answers of a form
that ships (tests/forms/filled*.py). In `set`, a mapping fills a group or a row of a repeat; the index after the
last adds a row. `attributes` are those of the root element; `missing_media` and `extra_media` tell which files
came. What the form calculates is filled in as the phone does before it saves, except what a case sets itself.

`violations` are what both implementations find, with `message` and `message_en`; one that is left out is the one
that the form states for that path. `server` is what our checker finds besides. `engine` tells what the phone's
engine makes of the case instead (`error`: it throws), and which of its defects that is, by its number in
README.md; with `raw`, the workaround for defect 3 is not applied. The `clock` is no defect: the engine computes
now() anew. `engine_differs` of a file names values that the engine computes otherwise in all of its cases.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from forms import CompiledForm, Form, ListTable, compile_xlsform, load_form
from forms.catalog import catalog
from tests.forms import filled

HERE = Path(__file__).parent


@dataclass(frozen=True, eq=False)
class Case:
    """One case with what it shares with the other cases of its file."""

    file: str
    form: str
    now: datetime
    lists: Mapping[str, str]
    base: Any
    differs: Mapping[str, str]
    name: str
    told: Mapping[str, Any]

    @property
    def id(self) -> str:
        return f"{self.file}: {self.name}"

    @property
    def violations(self) -> list[dict[str, str]]:
        """What both implementations must find, with its messages, by path."""
        return self._with_messages(self.told["expect"].get("violations", []))

    @property
    def calculated(self) -> dict[str, str]:
        """Some of the values that both implementations must compute."""
        return self.told["expect"].get("calculated", {})

    @property
    def server(self) -> list[tuple[str, str]]:
        """What only our checker finds: path and kind."""
        return sorted((each["path"], each["kind"]) for each in self.told["expect"].get("server", []))

    @property
    def defect(self) -> str | None:
        """The number of the engine's defect that the case is about."""
        return self.told.get("engine", {}).get("defect")

    @property
    def engine(self) -> dict[str, Any]:
        """What the engine must find: the same, unless one of its defects is the case."""
        told = self.told.get("engine", {})
        return {
            "error": told.get("error"),
            "violations": self._with_messages(told["violations"])
            if "violations" in told
            else self.violations,
            "calculated": told.get("calculated", self.calculated),
        }

    def _with_messages(self, violations: list[dict[str, str]]) -> list[dict[str, str]]:
        form = form_of(self.form)
        told = [stated_messages(form, each["path"], each["kind"]) | each for each in violations]
        return sorted(told, key=lambda each: each["path"])


@cache
def read_cases() -> tuple[Case, ...]:
    """All cases in the order of their files."""
    return tuple(case for path in sorted((HERE / "cases").glob("*.json")) for case in _read_file(path))


def _read_file(path: Path) -> Iterator[Case]:
    told = json.loads(path.read_text())
    for case in told["cases"]:
        yield Case(
            file=path.stem,
            form=told["form"],
            now=datetime.fromisoformat(case.get("now", told["now"])),
            lists=told.get("lists", {}),
            base=told["base"],
            differs=told.get("engine_differs", {}),
            name=case["name"],
            told=case,
        )


@cache
def compiled(name: str) -> CompiledForm:
    """The form that a file names: `catalogue/<id>`, or a file below this folder."""
    kind, _, form_id = name.partition("/")
    if kind == "catalogue":
        source = next(form.source for form in catalog() if form.form_id == form_id)
    else:
        source = (HERE / f"{name}.md").read_bytes()
    return compile_xlsform(source, ".md")


@cache
def form_of(name: str) -> Form:
    return load_form(compiled(name).xform)


@cache
def _list_table(file_name: str) -> ListTable:
    return ListTable.read_csv((HERE / "lists" / file_name).read_bytes())


def lists_of(case: Case) -> dict[str, ListTable]:
    """The lists of a case by name, as our checker takes them."""
    return {name: _list_table(file_name) for name, file_name in case.lists.items()}


def base_answers(case: Case) -> Mapping[str, Any]:
    """The answers that a case begins with."""
    if case.base != "filled":
        return case.base
    return filled.answers_to(form_of(case.form).form_id)


def stated_messages(form: Form, path: str, kind: str) -> dict[str, str]:
    """The messages that a form states for an answer that is missing, or that breaks its constraint."""
    question = form.question(path)
    messages = question.required_messages if kind == "required" else question.constraint_messages
    return {"message": messages.get("zh", ""), "message_en": messages.get("en", "")}
