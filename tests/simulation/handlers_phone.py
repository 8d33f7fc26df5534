"""A phone of a schedule: the cast's phone, cut open between asking, being answered and hearing of it."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from werkzeug.test import TestResponse

from forms import Form
from server.http import App
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
    DropMedia,
    Effect,
    EpochRefused,
    Event,
    LoggedIn,
    MediaAbsent,
    MediaDurable,
    MediaStored,
    PageArrived,
    PullReset,
    PushReplied,
    Refused,
    ReofferReplied,
    StatusReplied,
    Throttled,
    Woken,
    public_jwk,
    read_beacon,
    step,
)
from sync.fields import write_moment
from tests.actors.phone import SYNC, Draft, Phone
from tests.actors.someone import PASSWORD
from tests.actors.uploader import BYTES, UPLOADS, metadata

REST = 5000  # milliseconds after a server that was busy
PAGE = 10  # rows, so that some pulls take several pages
QUIETLY = {"Prefer": "return=minimal"}


@dataclass(frozen=True)
class Asked:
    """A request on its way, with the token that the phone had when it sent it."""

    phone: "Pocket"
    wish: Effect
    path: str
    options: Mapping[str, Any]
    token: str | None
    epoch: str

    @property
    def only_reads(self) -> bool:
        return isinstance(self.wish, AskPull | AskDigest | AskBucket)


@dataclass(frozen=True)
class Heard:
    """A reply on its way back, as what it is to the phone."""

    phone: "Pocket"
    event: Event


class Pocket(Phone):
    """An inspector's phone in a schedule.

    `skew` is how far its clock is off, `clock` (milliseconds) measures its rests; `cursors` are all that it has
    had, with their epochs.
    """

    def __init__(self, app: App, username: str, person_id: UUID, number: int, key: Any) -> None:
        super().__init__(app, username, person_id, signs=False)
        self.number, self.key = number, key
        self.signed_out = False
        self.skew = timedelta(0)
        self.clock: Callable[[], int] | None = None
        self.cursors: list[tuple[str | None, str | None]] = []

    def copied(self, app: App) -> "Pocket":
        """The same phone for another schedule."""
        other = copy.copy(self)
        other.app, other.cursors = app, [(self.state.epoch, self.state.cursor)]
        other.files = dict(self.files)
        other.drafts = {record: copy.copy(draft) for record, draft in self.drafts.items()}
        return other

    # A request: sent, answered, heard of

    def asks(self, wish: Effect) -> list[Asked]:
        """Write down requests as they leave the phone."""
        match wish:
            case AskPull():
                query = _from(wish.cursor, limit=PAGE)
                how = QUIETLY if self.number % 3 else {}
                return [self._asked(wish, f"{SYNC}/pull", method="GET", query_string=query, headers=how)]
            case AskPush():
                return [self._asked(wish, f"{SYNC}/push", json=self.envelope(*wish.ops))]
            case AskReoffer():
                return [self._asked(wish, f"{SYNC}/reoffer", json={"revs": list(wish.revs)})]
            case AskStatus():
                return [self._asked(wish, f"{SYNC}/ops/status", json={"ops": [str(op) for op in wish.ops]})]
            case AskDigest():
                return [self._asked(wish, f"{SYNC}/digest", method="GET", query_string=_from(wish.cursor))]
            case AskBucket():
                path = f"{SYNC}/digest/{wish.bucket}"
                return [self._asked(wish, path, method="GET", query_string=_from(wish.cursor))]
            case AskMedia():
                return [self._uploading(sha256) for sha256 in wish.sha256s]
            case AskMediaStatus():
                return [self._asked(wish, f"{UPLOADS}/status", json={"sha256": list(wish.sha256s)})]
            case DropMedia():
                return []
        raise AssertionError(f"a wish that this phone does not know: {wish}")

    def _asked(self, wish: Effect, path: str, **options: Any) -> Asked:
        return Asked(self, wish, path, {"method": "POST"} | options, self.token, str(self.state.epoch))

    def _uploading(self, sha256: str) -> Asked:
        content = self.files[sha256]
        told = metadata(filename="照片.png", filetype="image/png", sha256=sha256)
        headers = {**BYTES, "Upload-Length": str(len(content)), "Upload-Metadata": told}
        return self._asked(AskMedia((sha256,)), UPLOADS, headers=headers, data=content)

    def reads(self, asked: Asked, response: TestResponse) -> list[Event]:
        """Say what a reply is to the phone; nothing when it only has to ask again some time."""
        if response.status_code >= 400 and not (response.status_code in {409, 410} and response.is_json):
            return self._reads_refusal(asked, response)
        wish, reply = asked.wish, response.get_json() if response.is_json else {}
        match wish, response.status_code:
            case AskPull(), 200:
                return [PageArrived(wish.epoch, wish.cursor, reply)]
            case AskPull(), 204:
                return [PageArrived(wish.epoch, wish.cursor, self._nothing_new(wish, response))]
            case AskPull(), 410:
                return [PullReset(wish.epoch, wish.cursor, reply["epoch"], reply["reset"])]
            case AskPush(), 200:
                return [PushReplied(wish.epoch, reply)]
            case AskPush() | AskReoffer(), 409 if "epoch" in reply:
                return [EpochRefused(wish.epoch, reply["epoch"])]
            case AskReoffer(), 200:
                return [ReofferReplied(wish.epoch, reply["epoch"], wish.revs, tuple(reply["missing"]))]
            case AskStatus(), 200:
                return [StatusReplied(wish.epoch, reply)]
            case AskDigest(), 200:
                return [DigestReplied(wish.epoch, wish.cursor, reply)]
            case AskBucket(), 200:
                return [BucketReplied(wish.epoch, wish.cursor, wish.bucket, reply)]
            case AskMedia(), 201:
                return [MediaStored(wish.sha256s[0], asked.epoch)]
            case AskMediaStatus(), 200:
                return [
                    _news(sha256, stands, wish.epoch) for sha256, stands in sorted(reply["media"].items())
                ]
        return []

    def _nothing_new(self, wish: AskPull, response: TestResponse) -> dict[str, Any]:
        """Write the page that an answer without a body stands for."""
        beacon = response.headers["Beacon"]
        moments = [read_beacon(key, beacon) for key in self.session["server_keys"]]
        told = next(each for each in moments if each)
        assert told.epoch == wish.epoch
        return {
            "epoch": wish.epoch,
            "items": [],
            "next": wish.cursor,
            "more": False,
            "durable_seq": int(response.headers["Durable-Seq"]),
            "beacon": beacon,
            "server_time": write_moment(told.at),
        }

    def _reads_refusal(self, asked: Asked, response: TestResponse) -> list[Event]:
        status, kind = response.status_code, asked.wish.kind
        assert status not in {500, 502}, response.get_data(as_text=True)[:500]
        if status in {401, 403}:
            self.signed_out = True
        if status in {429, 503}:
            # Without a clock for rests the phone tries again whenever it wakes.
            return [Throttled(kind, self.clock() + REST)] if self.clock else []
        if status not in {400, 401, 403, 413, 426} or isinstance(asked.wish, AskMedia):
            return []  # keep everything, and try again later
        ops = tuple(op.op for op in asked.wish.ops) if isinstance(asked.wish, AskPush) else ()
        return [Refused(asked.epoch, kind, status, ops)]

    def hears(self, event: Event) -> tuple[Effect, ...]:
        """Take one reply, or whatever else happens."""
        if isinstance(event, PageArrived) and event.request_epoch == self.state.epoch:
            self.beacon = event.page["beacon"]
        before = self.state.epoch, self.state.cursor
        effects = self._happens(event)
        if (self.state.epoch, self.state.cursor) != before:
            self.cursors.append((self.state.epoch, self.state.cursor))
        return effects

    def _happens(self, event: Event) -> tuple[Effect, ...]:
        self.state, effects = step(self.state, event)
        return effects

    def wakes(self) -> tuple[Effect, ...]:
        """Look around: sign in again if that is needed, and say what to ask for."""
        if self.signed_out:
            self.signs_in_again()
        return self.hears(Woken(self.clock() if self.clock else None))

    def signs_in_again(self) -> None:
        device = {"id": str(self.device), "name": "测试机", "public_key": public_jwk(self.key)}
        session = self.sign_in(PASSWORD, device=device)
        self.signed_out = False
        self.hears(LoggedIn(session["user"]["id"], session["epoch"]))

    # Work

    def sees_head(self, record: UUID, other: "Pocket") -> None:
        """Build on the heads that this phone was shown, with the bytes that the other one wrote."""
        body = self.record(record)
        held = other.drafts[record]
        self.drafts[record] = Draft(
            record, UUID(body["task"]), held.form, held.xml, held.media, tuple(body["heads"])
        )
        self.files |= {entry.sha256: other.files[entry.sha256] for entry in held.media}

    def _form(self, form_id: str) -> Form:
        return FORMS[self.shows("form")[form_id]["sha256"]]


def _from(cursor: str | None, **more: Any) -> dict[str, Any]:
    return more if cursor is None else {**more, "cursor": cursor}


def _news(sha256: str, stands: str, epoch: str) -> Event:
    """Say what it is to a phone how the server holds a file."""
    news = {"stored": MediaStored, "durable": MediaDurable}.get(stands, MediaAbsent)
    return news(sha256, epoch)


FORMS: dict[str, Form] = {}
"""What phones have read of forms, by the hash of their bytes, as each was published."""
