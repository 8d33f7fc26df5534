"""A phone in the cast: the reducer of `sync` with the test client around it and files in memory."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from lxml import etree

from forms import Form, ListTable, amend_instance, complete_instance, compose_instance, load_form
from server import audit, clock
from server.access import SYSTEM
from server.accounts.models import Organisation
from server.checklists import service as checklists
from server.checklists.authoring import Written
from server.clock import CHINA
from server.http import App
from server.inspections import service as inspections
from server.registry.models import Certificate, InspectedObject
from sync import (
    AskBucket,
    AskDigest,
    AskMedia,
    AskMediaStatus,
    AskPull,
    AskPush,
    AskReoffer,
    AskStatus,
    BucketReplied,
    DigestReplied,
    Effect,
    EpochRefused,
    Held,
    LoggedIn,
    MediaAbsent,
    MediaDurable,
    MediaEntry,
    MediaStored,
    PageArrived,
    PhoneState,
    PullReset,
    PushReplied,
    ReofferReplied,
    Revision,
    RevisionTime,
    Sealed,
    SealedOp,
    StatusReplied,
    Woken,
    generate_device_key,
    public_jwk,
    seal_attestation,
    seal_revision,
    step,
    verify_receipt,
)
from tests.actors.someone import Someone
from tests.actors.uploader import Uploader

SYNC = "/api/v1/sync"
SPOT_CHECK = """
| survey | | | | | | | | | | |
| | type | name | label | hint | required | appearance | relevant | constraint | parameters |
| | text | note | 情况 | | true() | | | | |
| | image | photo | 照片 | 证明现场情况 | | | | | max-pixels=3072 |
| | begin_repeat | markers | 界桩 | | | | | | |
| | text | marker_no | 编号 | | | | | count(../../markers) <= 60 and count(../../markers[marker_no = current()/.]) <= 1 | |
| | image | photo | 照片 | 证明界桩现状 | | | | | max-pixels=3072 |
| | end_repeat | | | | | | | | |
| | begin_group | sign | 签名 | | | | | | |
| | image | inspector1 | 主检 | | true() | signature | | | max-pixels=1600 |
| | image | inspector2 | 协检 | | true() | signature | | | max-pixels=1600 |
| | select_one yes_no | refused | 拒签 | | true() | | | | |
| | image | company | 单位 | | true() | signature | ${refused} = 'no' | | max-pixels=1600 |
| | image | witness | 见证 | | true() | signature | ${refused} = 'yes' | | max-pixels=1600 |
| | end_group | | | | | | | | |
| choices | | | |
| | list_name | name | label |
| | yes_no | yes | 是 |
| | yes_no | no | 否 |
| settings | | | |
| | form_title | form_id | version |
| | 抽查记录 / Spot check | spot_check | 1 |
"""
UNSIGNED = {"/data/note": "界桩完好", "/data/sign/refused": "no"}
SIGNED = UNSIGNED | {f"/data/sign/{who}": f"{who}.png" for who in ("inspector1", "inspector2", "company")}


@dataclass
class Draft:
    """What a phone holds of one record: its last XML, files by name, and the revision to build on."""

    record: UUID
    task: UUID
    form: Form
    xml: bytes
    media: tuple[MediaEntry, ...]
    heads: tuple[str, ...] = ()


@cache
def _read_form(xform: bytes) -> Form:
    """Read a form once for all phones of a test run: it is never changed."""
    return load_form(xform)


class Phone(Someone):
    """One inspector with one phone."""

    def __init__(self, app: App, username: str, person_id: UUID, *, signs: bool = True) -> None:
        super().__init__(app, username, person_id)
        self.key = generate_device_key() if signs else None
        self.device = uuid4()
        self.state = PhoneState()
        self.files: dict[str, bytes] = {}
        self.forms: dict[str, Form] = {}
        self.drafts: dict[UUID, Draft] = {}
        self.boot = str(uuid4())
        self.beacon: str | None = None

    def signs_in(self) -> "Phone":
        device: dict[str, Any] = {"id": str(self.device), "name": "测试机"}
        if self.key is not None:
            device["public_key"] = public_jwk(self.key)
        session = self.sign_in(device=device)
        self._happens(LoggedIn(session["user"]["id"], session["epoch"], session.get("limits")))
        return self

    # What is on the phone

    def shows(self, kind: str) -> dict[str, Mapping[str, Any]]:
        """Bodies on the phone by id."""
        return {key: entity.body for key, entity in self.state.of_kind(kind).items()}

    def record(self, record: UUID) -> Mapping[str, Any]:
        return self.shows("record")[str(record)]

    # Work without a network

    def fills(
        self,
        task: UUID,
        answers: Mapping[str, Any] = SIGNED,
        *,
        form_id: str = "spot_check",
        record: UUID | None = None,
        photos: Mapping[str, bytes] | None = None,
        claims: Mapping[str, Mapping[str, Any]] | None = None,
        **sealed: Any,
    ) -> UUID:
        """Fill a form on a task and seal its first revision; names ending in .png or .jpg are photographed.

        `claims`: what the phone says of a file by name, as fields of `MediaEntry`; "" is of those not named.
        """
        form = self._form(form_id)
        record = record or uuid4()
        started = datetime.now(UTC)
        xml = compose_instance(form, answers, f"uuid:{record}", started_at=started, ended_at=started)
        if form.external_lists:
            xml = complete_instance(form, xml, now=datetime.now(CHINA), lists=self.lists())
        names = {value for value in _leaves(answers) if str(value).endswith((".png", ".jpg"))}
        media = tuple(
            self._photographs(name, (photos or {}).get(name), **_claim(claims, name))
            for name in sorted(names)
        )
        draft = self.drafts[record] = Draft(record, task, form, xml, media)
        self._seals(draft, **sealed)
        return record

    def lists(self) -> dict[str, ListTable]:
        """The lists that forms draw on, as the phone writes them from its tasks."""
        known = [body["prefill"] for body in self.shows("task").values()]
        return {
            "tasks": ListTable([each["tasks"] for each in known]),
            "markers": ListTable([row for each in known for row in each["markers"]]),
        }

    def corrects(
        self,
        record: UUID,
        changes: Mapping[str, Any] | None = None,
        photos: Mapping[str, bytes] | None = None,
        claims: Mapping[str, Mapping[str, Any]] | None = None,
        **sealed: Any,
    ) -> str:
        """Seal a correction, a child of what the phone knows as the record's heads; returns its revision id."""
        draft = self.drafts[record]
        changes = changes or {"/data/note": f"更正 {uuid4()}"}
        draft.xml = amend_instance(draft.xml, changes)
        fresh = {str(value) for value in changes.values() if str(value).endswith((".png", ".jpg"))}
        draft.media = tuple(entry for entry in draft.media if entry.name not in fresh)
        draft.media += tuple(
            self._photographs(name, (photos or {}).get(name), **_claim(claims, name))
            for name in sorted(fresh)
        )
        return self._seals(draft, **sealed)

    def takes_over(self, record: UUID, other: "Phone") -> None:
        """Hold what another phone holds of a record, as after reading its head's blob."""
        draft = other.drafts[record]
        self.drafts[record] = Draft(record, draft.task, draft.form, draft.xml, draft.media, draft.heads)

    def reads_along(self, record: UUID, other: "Phone") -> None:
        """Hold what another phone holds of a record, with its files."""
        self.takes_over(record, other)
        self.files |= other.files

    def deletes_row(self, record: UUID, path: str) -> None:
        """Take a row out of a record's XML, to be sealed with the next correction: `/data/markers[1]`."""
        draft = self.drafts[record]
        root = etree.fromstring(draft.xml)
        [row] = root.xpath(path)
        row.getparent().remove(row)
        draft.xml = etree.tostring(root)

    def resolves(
        self, record: UUID, merged: Mapping[str, Any], changes: Mapping[str, Any] | None = None, **sealed: Any
    ) -> str:
        """Seal the draft of a merge, with further answers such as fresh signatures; returns its revision id."""
        mine = self.drafts[record]
        mine.xml, mine.heads = merged["xml"].encode(), tuple(merged["parents"])
        mine.media = tuple(
            MediaEntry(
                **{name: each[name] for name in ("name", "sha256", "size", "type")},
                captured_at=each["captured_at"] and datetime.fromisoformat(each["captured_at"]),
            )
            for each in merged["media"]
        )
        return self.corrects(record, changes, **sealed) if changes else self._seals(mine, **sealed)

    def attests(self, rev: str, role: str = "co_inspector") -> SealedOp:
        assert self.key is not None
        op = seal_attestation(rev, role, self.key)
        self._happens(Sealed(op))
        return op

    # Work with a network

    def syncs(self) -> list[dict[str, Any]]:
        """Push, pull and upload until nothing is left; returns the answers to what was pushed."""
        answers: list[dict[str, Any]] = []
        wishes: list[Effect] = list(self._happens(Woken()))
        while wishes:
            wish = wishes.pop(0)
            match wish:
                case AskPush():
                    wishes += self._pushes(wish, answers)
                case AskPull():
                    wishes += self._pulls(wish)
                case AskReoffer():
                    body = {"revs": list(wish.revs)}
                    reply = self.post(f"{SYNC}/reoffer", body)
                    missing = tuple(reply["missing"])
                    wishes += self._happens(ReofferReplied(wish.epoch, reply["epoch"], wish.revs, missing))
                case AskStatus():
                    reply = self.post(f"{SYNC}/ops/status", {"ops": [str(op) for op in wish.ops]})
                    wishes += self._happens(StatusReplied(wish.epoch, reply))
                case AskDigest():
                    reply = self.get(f"{SYNC}/digest", query_string={"cursor": wish.cursor})
                    wishes += self._happens(DigestReplied(wish.epoch, wish.cursor, reply))
                case AskBucket():
                    reply = self.get(f"{SYNC}/digest/{wish.bucket}", query_string={"cursor": wish.cursor})
                    wishes += self._happens(BucketReplied(wish.epoch, wish.cursor, wish.bucket, reply))
                case AskMedia():
                    self.uploads(wish.sha256s)
                case AskMediaStatus():
                    wishes += self._asks_how_files_are_held(wish)
        return answers

    def holds(self, rev: str) -> None:
        """Fetch a colleague's revision, to give it back should the server lose it."""
        told = self.get(f"{SYNC}/revisions/{rev}")
        self._happens(Held(str(self.state.epoch), UUID(told["record"]), told["item"]))

    def pushes(self) -> list[dict[str, Any]]:
        """Push the outbox; returns the answers in order."""
        answers: list[dict[str, Any]] = []
        while self.state.outbox:
            before = self.state.outbox
            self._pushes(AskPush(str(self.state.epoch), before[:50]), answers)
            if self.state.outbox == before:
                break
        return answers

    def pulls(self) -> None:
        """Pull until nothing is new."""
        wishes: list[Effect] = [AskPull(str(self.state.epoch), self.state.cursor)]
        while wishes:
            wish = wishes.pop(0)
            if isinstance(wish, AskPull):
                wishes += self._pulls(wish)

    def uploads(self, shas: Iterable[str] | None = None) -> None:
        """Upload what the server lacks."""
        for sha256 in sorted(self.state.media_wanted if shas is None else shas):
            epoch = str(self.state.epoch)
            Uploader(self).upload(self.files[sha256])
            self._happens(MediaStored(sha256, epoch))

    def envelope(self, *ops: SealedOp, **more: Any) -> dict[str, Any]:
        """The body of a push."""
        items = [dict(op.item) for op in ops]
        return {"epoch": self.state.epoch, "batch": str(uuid4()), "items": items, **more}

    def _pushes(self, wish: AskPush, answers: list[dict[str, Any]]) -> tuple[Effect, ...]:
        response = self.call("POST", f"{SYNC}/push", json=self.envelope(*wish.ops))
        reply = response.get_json()
        if response.status_code == 409:
            return self._happens(EpochRefused(wish.epoch, reply["epoch"]))
        assert response.status_code == 200, reply
        for item in reply["items"]:
            assert item["outcome"] == "op_reuse" or self.verified(item["receipt"]), item
        answers += reply["items"]
        return self._happens(PushReplied(wish.epoch, reply))

    def _pulls(self, wish: AskPull) -> tuple[Effect, ...]:
        query = {} if wish.cursor is None else {"cursor": wish.cursor}
        response = self.call("GET", f"{SYNC}/pull", query_string=query)
        page = response.get_json()
        if response.status_code == 410:
            return self._happens(PullReset(wish.epoch, wish.cursor, page["epoch"], page["reset"]))
        assert response.status_code == 200, page
        self.beacon = page["beacon"]
        return self._happens(PageArrived(wish.epoch, wish.cursor, page))

    def _asks_how_files_are_held(self, wish: AskMediaStatus) -> tuple[Effect, ...]:
        held = self.post("/api/v1/media/status", {"sha256": list(wish.sha256s)})["media"]
        news = {"stored": MediaStored, "durable": MediaDurable}
        for sha256, status in held.items():
            self._happens(news.get(status, MediaAbsent)(sha256, wish.epoch))
        lacks = tuple(sha256 for sha256 in wish.sha256s if sha256 in self.state.media_wanted)
        return (AskMedia(lacks),) if lacks else ()

    def verified(self, receipt: str) -> dict[str, Any]:
        """What a receipt says, if this server signed it."""
        found = [verify_receipt(key, receipt) for key in self.session["server_keys"]]
        assert found[0], "the server did not sign this receipt"
        return found[0]

    def _happens(self, event: Any) -> tuple[Effect, ...]:
        self.state, effects = step(self.state, event)
        return effects

    def _form(self, form_id: str) -> Form:
        body = self.shows("form").get(form_id)
        if body is None:
            self.pulls()
            body = self.shows("form")[form_id]
        if body["sha256"] not in self.forms:
            self.forms[body["sha256"]] = _read_form(self.get(f"{SYNC}/blobs/{body['sha256']}").data)
        return self.forms[body["sha256"]]

    def _photographs(self, name: str, content: bytes | None = None, **claim: Any) -> MediaEntry:
        content = content or f"{name} {uuid4()}".encode()
        sha256 = hashlib.sha256(content).hexdigest()
        self.files[sha256] = content
        told = {"name": name, "sha256": sha256, "size": len(content), "type": "image/png", **claim}
        return MediaEntry(**told)

    def _seals(self, draft: Draft, **changed: Any) -> str:
        revision = {
            "record": draft.record,
            "parents": draft.heads,
            "task": draft.task,
            "form": draft.form.form_id,
            "form_version": draft.form.version,
            "author": str(self.person_id),
            "device": self.device,
            "dev_seq": self.state.dev_seq + 1,
            "prev_dev_rev": self.state.last_rev,
            "time": RevisionTime(datetime.now(UTC), boot=self.boot, beacon=self.beacon),
            "position": None,
            "xml": draft.xml.decode(),
            "media": draft.media,
        } | changed
        op = seal_revision(Revision(**revision), self.key)
        self._happens(Sealed(op))
        draft.heads = (op.rev,)
        return op.rev


@cache
def written_once(source: str) -> Written:
    """Compile a form before a transaction begins: PostgreSQL ends one in which nothing happens for five seconds."""
    return checklists.read_source(source.encode(), ".md")


def open_task(
    app: App,
    organisation: Organisation,
    *people: Someone,
    forms: Iterable[str] = ("spot_check",),
    **more: Any,
) -> UUID:
    """Open a task for some people, the first of them the lead, on a new object."""
    written = written_once(SPOT_CHECK)
    with audit.transaction(app.sessions) as session:
        if not checklists.newest(session, ["spot_check"]):
            checklists.publish_written(session, SYSTEM, written)
        found = InspectedObject(
            region=organisation.region,
            organisation_id=organisation.id,
            kind="enterprise",
            name=f"虚构采石场 {uuid4()}",
            address="阳城县",
            legal_representative="王某",
            tags=[],
        )
        session.add(found)
        session.flush()
        today = clock.today()
        planned: dict[str, Any] = {
            "number": f"T-{uuid4().hex[:8]}",
            "name": "生产矿山抽查",
            "region": organisation.region,
            "organisation_id": organisation.id,
            "object_id": found.id,
            "forms": list(forms),
            "item_codes": ["MINE_OVERSTEP"],
            "lead_id": people[0].person_id,
            "assisting_ids": [person.person_id for person in people[1:]],
            "opens_on": today,
            "due_on": today + timedelta(days=30),
        }
        visit = inspections.PlannedVisit(**(planned | more))
        return inspections.open_visits(session, SYSTEM, [visit])[0].id


def certify(app: App, *people: Someone, days: int = 300) -> None:
    """Give people enforcement certificates that are valid for so many days yet, or ran out so long ago."""
    today = clock.today()
    with audit.transaction(app.sessions) as session:
        session.add_all(
            Certificate(
                person_id=each.person_id,
                number=str(uuid4()),
                issuer="山西省人民政府",
                valid_from=today - timedelta(days=900),
                valid_to=today + timedelta(days=days),
            )
            for each in people
        )


def _claim(claims: Mapping[str, Mapping[str, Any]] | None, name: str) -> Mapping[str, Any]:
    claims = claims or {}
    return claims.get(name, claims.get("", {}))


def _leaves(answers: Any) -> Iterable[Any]:
    if isinstance(answers, Mapping):
        for value in answers.values():
            yield from _leaves(value)
    elif isinstance(answers, list | tuple):
        for value in answers:
            yield from _leaves(value)
    else:
        yield answers
