"""A phone of a schedule: the cast's phone, cut open between asking, being answered and hearing of it."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from werkzeug.test import TestResponse

from forms import Form, load_form
from server.http import App
from sync import (
    AskMedia,
    AskPull,
    AskPush,
    AskReoffer,
    Effect,
    EpochRefused,
    Event,
    LoggedIn,
    MediaStored,
    PageArrived,
    PullReset,
    PushReplied,
    ReofferReplied,
    Woken,
    public_jwk,
    step,
)
from tests.actors.phone import SYNC, Draft, Phone
from tests.actors.someone import PASSWORD
from tests.actors.uploader import BYTES, UPLOADS, metadata

PAGE = 5  # rows, so that many a pull takes several pages


@dataclass(frozen=True)
class Asked:
    """A request on its way, with the token that the phone had when it sent it."""

    phone: "Pocket"
    wish: Effect
    path: str
    options: Mapping[str, Any]
    token: str | None

    @property
    def only_reads(self) -> bool:
        return isinstance(self.wish, AskPull)


@dataclass(frozen=True)
class Heard:
    """A reply on its way back, as what it is to the phone."""

    phone: "Pocket"
    event: Event


class Pocket(Phone):
    """An inspector's phone in a schedule.

    `skew` is how far its clock is off; `cursors` are all that it has had, with their epochs.
    """

    def __init__(self, app: App, username: str, person_id: UUID, number: int, key: Any) -> None:
        super().__init__(app, username, person_id, signs=False)
        self.number, self.key = number, key
        self.signed_out = False
        self.skew = timedelta(0)
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
                query = {"limit": PAGE} | ({} if wish.cursor is None else {"cursor": wish.cursor})
                return [self._asked(wish, f"{SYNC}/pull", method="GET", query_string=query)]
            case AskPush():
                return [self._asked(wish, f"{SYNC}/push", json=self.envelope(*wish.ops))]
            case AskReoffer():
                return [self._asked(wish, f"{SYNC}/reoffer", json={"revs": list(wish.revs)})]
            case AskMedia():
                return [self._uploading(sha256) for sha256 in wish.sha256s]
        raise AssertionError(f"a wish that this phone does not know: {wish}")

    def _asked(self, wish: Effect, path: str, **options: Any) -> Asked:
        return Asked(self, wish, path, {"method": "POST"} | options, self.token)

    def _uploading(self, sha256: str) -> Asked:
        content = self.files[sha256]
        told = metadata(filename="照片.png", filetype="image/png", sha256=sha256)
        headers = {**BYTES, "Upload-Length": str(len(content)), "Upload-Metadata": told}
        return self._asked(AskMedia((sha256,)), UPLOADS, headers=headers, data=content)

    def reads(self, asked: Asked, response: TestResponse) -> Event | None:
        """Say what a reply is to the phone; None when it only has to ask again, or to sign in."""
        wish, status = asked.wish, response.status_code
        if status in {401, 403}:
            self.signed_out = True
            return None
        reply = response.get_json() if response.is_json else {}
        match wish, status:
            case AskPull(), 200:
                return PageArrived(wish.epoch, wish.cursor, reply)
            case AskPull(), 410:
                return PullReset(wish.epoch, wish.cursor, reply["epoch"], reply["reset"])
            case AskPush(), 200:
                return PushReplied(wish.epoch, reply)
            case AskPush(), 409 if "epoch" in reply:
                return EpochRefused(wish.epoch, reply["epoch"])
            case AskReoffer(), 200:
                return ReofferReplied(wish.epoch, reply["epoch"], wish.revs, tuple(reply["missing"]))
            case AskMedia(), 201:
                return MediaStored(wish.sha256s[0])
            case _, 409 | 413 | 422 | 423 | 429 | 503 | 507:
                return None  # keep everything, and try again later
        raise AssertionError(f"{status} to {type(wish).__name__}: {response.get_data(as_text=True)[:500]}")

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
        return self.hears(Woken())

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
        sha256 = self.shows("form")[form_id]["sha256"]
        if sha256 not in FORMS:
            FORMS[sha256] = load_form(self.get(f"{SYNC}/blobs/{sha256}").data)
        return FORMS[sha256]


FORMS: dict[str, Form] = {}
"""Forms by the hash of their bytes, which never change."""
