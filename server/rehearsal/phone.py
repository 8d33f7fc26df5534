"""A scripted phone: the reducer of `sync.phone` with HTTP around it and files in memory."""

import base64
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import requests

from forms import (
    Form,
    ListTable,
    amend_instance,
    complete_instance,
    compose_instance,
    load_form,
)
from server.clock import CHINA
from server.rehearsal.capture import Capture, Filled
from server.rehearsal.door import CutBody, Door
from sync import (
    MediaEntry,
    Position,
    Revision,
    RevisionTime,
    SealedOp,
    generate_device_key,
    key_id,
    public_jwk,
    seal_attestation,
    seal_revision,
    verify_receipt,
)
from sync.phone import PhoneState, step
from sync.phone_events import LoggedIn, MediaStored, PageArrived, PushReplied, Sealed

PIECE = 256 * 1024
Tell = Callable[[str], None]


def _mono() -> int:
    """Read the clock that only goes forward, in milliseconds."""
    return time.monotonic_ns() // 1_000_000


@dataclass
class Draft:
    """A record on this phone: its last sealed revision and the XML behind it."""

    record: UUID
    task: UUID
    form_id: str
    form_version: str
    xml: bytes
    media: tuple[MediaEntry, ...]
    heads: tuple[str, ...] = ()


@dataclass
class ScriptedPhone:
    """One inspector's phone."""

    door: Door
    tell: Tell
    name: str = "排练手机"
    key: Any = field(default_factory=generate_device_key)
    device: UUID = field(default_factory=uuid4)
    state: PhoneState = field(default_factory=PhoneState)
    files: dict[str, Capture] = field(default_factory=dict)
    forms: dict[str, Form] = field(default_factory=dict)
    drafts: dict[UUID, Draft] = field(default_factory=dict)
    server_keys: Sequence[Mapping[str, Any]] = ()
    boot: str = field(default_factory=lambda: str(uuid4()))
    beacon: str | None = None
    beacon_mono: int | None = None

    def sign_in(self, username: str, password: str) -> None:
        """Sign in with this device's key."""
        jwk = public_jwk(self.key)
        device = {"id": str(self.device), "name": self.name, "public_key": jwk}
        session = self.door.sign_in(username, password, device)
        if session["device"]["key_id"] != key_id(jwk):
            raise AssertionError("the server enrolled another key than ours")
        self.server_keys = session["server_keys"]
        self.state, _ = step(self.state, LoggedIn(session["user"]["id"], session["epoch"]))

    def pull(self) -> list[Mapping[str, Any]]:
        """Pull until nothing is left; return every item in order."""
        items: list[Mapping[str, Any]] = []
        while True:
            cursor = self.state.cursor
            page = self.door.ask("GET", "/api/v1/sync/pull", params={"cursor": cursor} if cursor else {})
            self.beacon, self.beacon_mono = page["beacon"], _mono()
            self.state, _ = step(self.state, PageArrived(str(self.state.epoch), cursor, page))
            items += page["items"]
            if not page["more"]:
                return items

    def form(self, form_id: str) -> Form:
        """Load a form's definition, by its hash, once."""
        body = self.state.of_kind("form")[form_id].body
        sha256 = body["sha256"]
        if sha256 not in self.forms:
            answer = self.door.call("GET", f"/api/v1/sync/blobs/{sha256}")
            answer.raise_for_status()
            self.forms[sha256] = load_form(answer.content)
        return self.forms[sha256]

    def lists(self) -> dict[str, ListTable]:
        """Write the lists that forms draw on, from what the tasks on this phone know beforehand."""
        known = [task.body["prefill"] for task in self.state.of_kind("task").values()]
        return {
            "tasks": ListTable([each["tasks"] for each in known]),
            "markers": ListTable([row for each in known for row in each["markers"]]),
        }

    def capture_record(self, task: UUID, form_id: str, filled: Filled, started: datetime) -> Draft:
        """Fill a form and seal its first revision. Needs no network."""
        form, record = self.form(form_id), uuid4()
        xml = compose_instance(
            form,
            filled.answers,
            f"uuid:{record}",
            started_at=started,
            ended_at=datetime.now(UTC),
            device_id=str(self.device),
            username=str(self.state.user),
        )
        xml = complete_instance(form, xml, now=datetime.now(CHINA), lists=self.lists())
        place = Position(
            filled.position.latitude, filled.position.longitude, filled.position.accuracy, at=started
        )
        media = tuple(self.keep(capture, started, place) for capture in filled.captures)
        draft = Draft(record, task, form.form_id, form.version, xml, media)
        self.drafts[record] = draft
        self._seal(draft, place)
        return draft

    def correct(self, draft: Draft, changes: Mapping[str, Any], replaced: Mapping[str, Capture]) -> None:
        """Seal a correction of what was returned: a child of the record's heads."""
        form = self.forms[self.state.of_kind("form")[draft.form_id].body["sha256"]]
        xml = amend_instance(draft.xml, changes)
        draft.xml = complete_instance(form, xml, now=datetime.now(CHINA), lists=self.lists())
        kept = tuple(entry for entry in draft.media if entry.name not in replaced)
        fresh = tuple(self.keep(capture, datetime.now(UTC), None) for capture in replaced.values())
        draft.media = kept + fresh
        self._seal(draft, None)

    def attest(self, rev: str, role: str, draft: Draft) -> None:
        """Co-sign a revision, on this phone, with this phone's key."""
        op = seal_attestation(rev, role, self.key, record=draft.record, task=draft.task)
        self.state, _ = step(self.state, Sealed(op))

    def push(self, *, lose_reply: bool = False) -> list[dict[str, Any]]:
        """Push the outbox; check every receipt's signature. `lose_reply`: the answer never arrives."""
        answers: list[dict[str, Any]] = []
        while self.state.outbox:
            ops: tuple[SealedOp, ...] = self.state.outbox[:50]
            body = {
                "epoch": self.state.epoch,
                "batch": str(uuid4()),
                "items": [dict(op.item) for op in ops],
            }
            reply = self.door.ask("POST", "/api/v1/sync/push", body)
            if lose_reply:
                return []
            for item in reply["items"]:
                if not any(verify_receipt(key, item["receipt"]) for key in self.server_keys):
                    raise AssertionError("a receipt that this server did not sign")
            before = len(self.state.outbox)
            self.state, _ = step(self.state, PushReplied(str(self.state.epoch), reply))
            answers += reply["items"]
            if len(self.state.outbox) == before:
                raise AssertionError(f"the push made no progress: {reply['items']}")
        return answers

    def upload(self, cut_first_after: int | None = None) -> int:
        """Upload every wanted file, resuming where the server stands; return how many bytes were sent twice."""
        resent = 0
        for sha256 in sorted(self.state.media_wanted):
            resent += self._upload_one(self.files[sha256], cut_first_after)
            cut_first_after = None
            self.state, _ = step(self.state, MediaStored(sha256))
        return resent

    def _upload_one(self, capture: Capture, cut_after: int | None) -> int:
        metadata = {"filename": capture.name, "filetype": capture.mime, "sha256": capture.sha256}
        encoded = ",".join(
            f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in metadata.items()
        )
        created = self.door.call(
            "POST",
            "/api/v1/media",
            headers={
                "Tus-Resumable": "1.0.0",
                "Upload-Length": str(len(capture.data)),
                "Upload-Metadata": encoded,
            },
        )
        created.raise_for_status()
        location = created.headers["Location"]
        sent, offset = 0, self._offset(location)
        while offset < len(capture.data):
            piece = capture.data[offset : offset + PIECE] if cut_after is None else capture.data[offset:]
            try:
                sent += self._patch(location, offset, piece, cut_after)
            except requests.RequestException:
                self.tell(f"    网络中断：{capture.name} 上传到 {cut_after} 字节时断开 / network lost")
                sent += cut_after or 0
            cut_after, before = None, offset
            offset = self._offset(location)
            if offset != before + len(piece):
                self.tell(f"    续传：服务器已有 {offset} 字节，从此处继续 / resumes from byte {offset}")
        return sent - len(capture.data) if sent else 0

    def _patch(self, location: str, offset: int, piece: bytes, cut_after: int | None) -> int:
        body: Any = piece if cut_after is None else CutBody(piece, cut_after)
        headers = {
            "Tus-Resumable": "1.0.0",
            "Upload-Offset": str(offset),
            "Content-Type": "application/offset+octet-stream",
            "Content-Length": str(len(piece)),
        }
        self.door.call("PATCH", location, data=body, headers=headers).raise_for_status()
        return len(piece)

    def _offset(self, location: str) -> int:
        answer = self.door.call("HEAD", location, headers={"Tus-Resumable": "1.0.0"})
        answer.raise_for_status()
        return int(answer.headers["Upload-Offset"])

    def keep(self, capture: Capture, at: datetime, place: Position | None) -> MediaEntry:
        """Keep a file on this phone and write what its revision says of it."""
        self.files[capture.sha256] = capture
        size, mime = len(capture.data), capture.mime
        return MediaEntry(capture.name, capture.sha256, size, mime, at, place, source="camera")

    def _seal(self, draft: Draft, place: Position | None) -> None:
        op = seal_revision(self.revision_of(draft, place), self.key)
        self.state, _ = step(self.state, Sealed(op))
        draft.heads = (op.rev,)

    def revision_of(self, draft: Draft, place: Position | None) -> Revision:
        """Write the next revision of a draft, as this phone would seal it now."""
        return Revision(
            record=draft.record,
            parents=draft.heads,
            task=draft.task,
            form=draft.form_id,
            form_version=draft.form_version,
            author=str(self.state.user),
            device=self.device,
            dev_seq=self.state.dev_seq + 1,
            prev_dev_rev=self.state.last_rev,
            time=RevisionTime(datetime.now(UTC), _mono(), self.boot, self.beacon, self.beacon_mono),
            position=place,
            xml=draft.xml.decode(),
            media=draft.media,
        )
