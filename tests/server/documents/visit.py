"""One full visit with its outcome: more than twenty photos, long names, rare characters, a party that refuses to sign."""

import io
import zipfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from unittest.mock import patch

from sqlalchemy import select

from server import audit
from server.accounts.models import Person
from server.demo import DEMO_PASSWORD
from server.inspections.models import Task
from server.registry.models import InspectedObject
from server.rehearsal import capture
from server.rehearsal.door import Door
from server.rehearsal.phone import Draft, ScriptedPhone
from server.worker import Worker, make_worker
from tests.phone.bureau import MINE, Bureau

MINE_NAME = "阳城县𠮷祥䶮泰㛃岭石灰岩矿业综合开发利用有限责任公司蟒河镇桑林露天采矿分公司"
SECOND = "欧阳㛃"
WITNESS = "㛃䶮𠮷"
#: Three of the mine, one point, two of each of eleven markers and one of the twelfth, which is gone.
PHOTOS = 27


@dataclass
class Visit:
    """A visit, those who were on it, and doors for them."""

    bureau: Bureau
    worker: Worker
    task: str
    draft: Draft
    supervisor: Door
    inspector: Door
    planner: Door
    admin: Door
    results: list[dict[str, Any]]
    followup: dict[str, Any]

    def documents(self, kind: str, subject: str, door: Door | None = None) -> dict[str, dict[str, Any]]:
        """What may be made of something, by kind."""
        asked = {"subject_kind": kind, "subject_id": subject}
        offers = (door or self.supervisor).ask("GET", "/api/v1/documents/possible", params=asked)
        return {each["kind"]: each for each in offers}

    def write(self, offer: dict[str, Any], **texts: str) -> dict[str, Any]:
        body = {name: offer[name] for name in ("kind", "subject_kind", "subject_id")} | {"entered": texts}
        return self.supervisor.ask("PUT", "/api/v1/documents/drafts", body)

    def issue(self, offer: dict[str, Any], reason: str = "") -> dict[str, Any]:
        body = {name: offer[name] for name in ("kind", "subject_kind", "subject_id")} | {"reason": reason}
        return self.supervisor.ask("POST", "/api/v1/documents", body)

    def preview(self, offer: dict[str, Any], what: str = "pdf") -> bytes:
        asked = {name: offer[name] for name in ("kind", "subject_kind", "subject_id")}
        answer = self.supervisor.call("GET", f"/api/v1/documents/drafts/{what}", params=asked)
        assert answer.status_code == 200, answer.text
        return answer.content

    def pdf(self, document: dict[str, Any]) -> bytes:
        return self.supervisor.call("GET", f"/api/v1/documents/{document['id']}/pdf").content


def go_there(bureau: Bureau, edge: int = 320) -> Visit:
    """Make the whole visit: task, record, review, results, an order that was sent."""
    task = _task(bureau)
    doors = {}
    for username in ("supervisor1", "inspector1", "planner1", "admin1"):
        doors[username] = Door(bureau.address)
        doors[username].sign_in(username, DEMO_PASSWORD)
    phone = ScriptedPhone(Door(bureau.address), lambda _: None)
    phone.sign_in("inspector1", DEMO_PASSWORD)
    with patch.object(capture, "draw_photo", partial(capture.draw_photo, edge=edge)):
        draft = _record(phone, task)
    worker = make_worker(bureau.app)
    while worker.work():
        pass
    supervisor, inspector = doors["supervisor1"], doors["inspector1"]
    supervisor.ask("POST", f"/api/v1/records/{draft.record}/accept", {})
    while worker.work():
        pass
    results = inspector.ask("GET", "/api/v1/results", params={"task": task})
    for result in results:
        inspector.ask("POST", f"/api/v1/results/{result['id']}/confirm", {})
        supervisor.ask("POST", f"/api/v1/results/{result['id']}/release", {})
    followup = supervisor.ask("GET", "/api/v1/followups", params={"code": "ORDER_RECTIFY"})[0]
    return Visit(
        bureau,
        worker,
        task,
        draft,
        supervisor,
        inspector,
        doors["planner1"],
        doors["admin1"],
        results,
        followup,
    )


def _task(bureau: Bureau) -> str:
    with audit.transaction(bureau.app.sessions) as session:
        second = session.scalars(select(Person).where(Person.username == "inspector2")).one()
        second.name = SECOND
    task = bureau.task(
        number="阳检-2026-018", name="2026年度生产矿山超层越界与界桩双随机抽查", forms=(MINE,), days=3,
        item_codes=["MINE_OVERSTEP", "BOUNDARY_MARKER"], approval_no=None,
    )  # fmt: skip
    with audit.transaction(bureau.app.sessions) as session:
        mine = session.get_one(InspectedObject, session.get_one(Task, task).object_id)
        mine.name = MINE_NAME
    return str(task)


def _record(phone: ScriptedPhone, task: str) -> Draft:
    phone.pull()
    body = phone.state.of_kind("task")[task].body
    site = phone.state.of_kind("object")[str(body["object"])].body
    phone.form(MINE)
    started = datetime.now(UTC) - timedelta(hours=3)
    filled = capture.fill(body, site, MINE, started, 7)
    _refuse(filled)
    draft = phone.capture_record(task, MINE, filled, started)
    phone.push()
    phone.upload()
    return draft


def _refuse(filled: capture.Filled) -> None:
    filled.answers["/data/sign"] = {
        "inspector1": "sign-inspector1.png",
        "inspector2": "sign-inspector2.png",
        "refused": "yes",
        "refuse_reason": "现场负责人对界桩缺失的记录有异议，拒绝签名。",
        "witness_name": WITNESS,
        "witness_unit": "蟒河镇桑林村民委员会",
        "witness": "sign-company.png",
    }
    filled.answers["/data/statement"]["situation"] = (
        "检查人员出示证件后实地查看：采场位于登记矿区范围东侧，作业面标高与登记标高一致；"
        "逐个核对界桩，最后一个界桩被采场边坡塌落掩埋，现场未见，已拍照并测量其应在位置。" * 3
    )


def with_words(docx: bytes, words: str) -> bytes:
    """The same template with other words in the place of its title."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(docx)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "word/document.xml":
                content = content.replace(b"{{ title }}", words.encode())
            new.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()
