"""What the phones of a measurement seal before its clock starts: revisions that are numbered and tied as a phone's are.

Media is no part of it: it travels by itself.
"""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import chain, cycle, islice
from typing import Any
from uuid import UUID, uuid4

from forms import Form, ListTable, Question, complete_instance, compose_instance
from server.clock import CHINA
from sync import Revision, RevisionTime, seal_attestation, seal_revision
from tests.bench.bureau import Bureau, Inspector
from tests.forms.filled import answers_to

Item = dict[str, Any]


def sealed_revisions(
    bureau: Bureau,
    inspector: Inspector,
    lists: dict[str, ListTable],
    forms: Sequence[Form],
    tasks: Sequence[UUID],
) -> Iterator[Item]:
    """Seal new records of some forms in turn for tasks in turn, without end."""
    answers = {form.form_id: _without_media(form) for form in forms}
    for form, task in zip(cycle(forms), cycle(tasks), strict=False):
        now, record, sealed = datetime.now(CHINA), uuid4(), inspector.sealed
        given = answers[form.form_id] | {"/data/task/task_ref": str(task)}
        xml = compose_instance(form, given, f"uuid:{record}", started_at=now, ended_at=now)
        xml = complete_instance(form, xml, now=now, lists=lists)
        revision = Revision(
            record=record, parents=(), task=task, form=form.form_id, form_version=form.version,
            author=str(inspector.person_id), device=inspector.device, dev_seq=len(sealed) + 1,
            prev_dev_rev=sealed[-1] if sealed else None, time=RevisionTime(wall=now), position=None, xml=xml.decode(),
        )  # fmt: skip
        item = dict(seal_revision(revision, inspector.key).item)
        sealed.append(item["rev"])
        yield item


def sealed_items(bureau: Bureau, inspector: Inspector, lists: dict[str, ListTable], count: int) -> list[Item]:
    """Seal so many records of the dearest form."""
    return list(islice(sealed_revisions(bureau, inspector, lists, [bureau.form], inspector.tasks), count))


def days_items(
    bureau: Bureau, inspector: Inspector, lists: dict[str, ListTable], count: int, colleagues: Sequence[Item]
) -> list[Item]:
    """Seal what a day brings to a phone: records of all forms in turn, and a co-signature of a colleague's after each."""
    own = sealed_revisions(bureau, inspector, lists, bureau.forms, inspector.tasks)
    signed = (dict(seal_attestation(item["rev"], "co_inspector", inspector.key).item) for item in colleagues)
    return list(islice(chain.from_iterable(zip(own, signed, strict=False)), count))


def batches(epoch: str, items: Sequence[Item], size: int) -> list[bytes]:
    """Bodies of pushes, ready to send."""
    return [
        json.dumps({"epoch": epoch, "batch": str(uuid4()), "items": items[start : start + size]}).encode()
        for start in range(0, len(items), size)
    ]


def _without_media(form: Form) -> dict[str, Any]:
    """Return complete answers to a form but for its files."""
    return {
        path: value
        for path, value in _pruned(form, "", answers_to(form.form_id)).items()
        if path != "/data/sign"
    }


def _pruned(form: Form, above: str, answers: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in answers.items():
        path = f"{above}/{name}" if above else name
        node = form.node(path)
        if isinstance(node, Question):
            if not node.is_media:
                kept[name] = value
        elif isinstance(value, dict):
            kept[name] = _pruned(form, path, value)
        else:
            kept[name] = [_pruned(form, path, each) for each in value]
    return kept
