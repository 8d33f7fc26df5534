"""Visits as an honest inspector makes them, and a phone that seals what is written in them, whatever that is."""

import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

from PIL import ExifTags, Image

from forms import amend_instance, complete_instance, compose_instance
from server.clock import CHINA
from server.rehearsal import capture
from server.rehearsal.capture import Capture, Filled
from server.rehearsal.phone import Draft, ScriptedPhone
from sync import MediaEntry, Position, Revision

METRE = 1 / 111_000  # of latitude, in degrees
EDGE = 320  # pixels of a drawn photo: enough to be known again by
_BASE = 1_000_000_000  # what the forward-only clock reads on the morning of a day


@dataclass
class Visit:
    """One visit that is being filled in: what the phone will seal, as far as somebody has not bent it yet."""

    task: UUID
    number: str
    form: str
    site: str
    begins: datetime
    ends: datetime
    filled: Filled
    position: Position
    registered: list[dict[str, str]] = field(default_factory=list)
    entries: dict[str, MediaEntry] = field(default_factory=dict)
    amended: dict[str, Any] = field(default_factory=dict)
    bends: list[Callable[[Revision], Revision]] = field(default_factory=list)
    kept_back: set[str] = field(default_factory=set)
    record: UUID = field(default_factory=uuid4)

    @property
    def answers(self) -> dict[str, Any]:
        """The answers by group."""
        return self.filled.answers

    @property
    def photos(self) -> list[str]:
        """Names of the photos, without the signatures."""
        return [each.name for each in self.filled.captures if not each.name.startswith("sign-")]

    def file(self, name: str) -> Capture:
        """One captured file."""
        return next(each for each in self.filled.captures if each.name == name)

    def becomes(self, name: str, data: bytes) -> None:
        """Put other bytes in the place of a file."""
        mime = self.file(name).mime
        files = tuple(
            Capture(name, data, mime) if each.name == name else each for each in self.filled.captures
        )
        self.filled = replace(self.filled, captures=files)
        fresh = self.file(name)
        self.says(name, sha256=fresh.sha256, size=len(data))

    def says(self, name: str, **claims: Any) -> None:
        """Let the phone say something else of a file."""
        self.entries[name] = replace(self.entries[name], **claims)


def near(place: Position, north: float, east: float = 0.0, **more: Any) -> Position:
    """A position so many metres from another."""
    told: dict[str, Any] = {"accuracy": place.accuracy, "altitude": place.altitude, "at": place.at}
    return Position(place.latitude + north * METRE, place.longitude + east * METRE * 1.23, **(told | more))


def with_exif(
    data: bytes,
    software: str | None = None,
    at: datetime | None = None,
    place: tuple[float, float] | None = None,
    quality: int = 85,
) -> bytes:
    """The photo as a camera would have written it."""
    written = Image.Exif()
    if software:
        written[ExifTags.Base.Software] = software
    if at:
        camera = written.get_ifd(ExifTags.IFD.Exif)
        camera[ExifTags.Base.DateTimeOriginal] = at.astimezone(UTC).strftime("%Y:%m:%d %H:%M:%S")
        camera[ExifTags.Base.OffsetTimeOriginal] = "+00:00"
    if place:
        degrees = [(int(each), 0, (each - int(each)) * 3600) for each in place]
        written.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: degrees[0], 3: "E", 4: degrees[1]})
    file = io.BytesIO()
    Image.open(io.BytesIO(data)).save(file, "JPEG", quality=quality, exif=written)
    return file.getvalue()


def honest_visit(phone: "BendablePhone", task: UUID, begins: datetime, seed: int) -> Visit:
    """Fill in a visit as an inspector would who was there from then on; `seed` makes it another one than the last."""
    chance = random.Random(seed)
    known = phone.state.of_kind("task")[str(task)].body
    site = phone.state.of_kind("object")[str(known["object"])].body
    form = known["forms"][0]["id"]
    lasts = timedelta(minutes=chance.randrange(50, 130))
    with patch.object(capture, "draw_photo", partial(capture.draw_photo, edge=EDGE)):
        filled = capture.fill(known, site, form, begins, seed * 10)
    filled.answers["/data/statement"] |= {"end_at": begins + lasts}
    if form == capture_form_of_mines():
        for row in filled.answers["/data/markers"]:
            if "meas" in row:  # no two fixes of one point are alike
                off = (chance.gauss(0, 2.5) * METRE, chance.gauss(0, 2.5) * METRE)
                told = row["meas"]
                row["meas"] = replace(
                    told,
                    latitude=round(told.latitude + off[0], 8),
                    longitude=round(told.longitude + off[1], 8),
                    accuracy=round(chance.uniform(3.0, 9.0), 1),
                )
    place = Position(
        filled.position.latitude, filled.position.longitude, round(chance.uniform(3, 12), 1), 700.0, begins
    )
    visit = Visit(
        task, known["number"], form, str(known["object"]), begins, begins + lasts, filled, place,
        list(known["prefill"]["markers"]),
    )  # fmt: skip
    _write_entries(visit, chance)
    return visit


def capture_form_of_mines() -> str:
    """The form that has markers."""
    return "mine_overstep"


def _write_entries(visit: Visit, chance: random.Random) -> None:
    """What an honest phone says of its files: taken one after the other, where it stood, as well as it knew."""
    files = visit.filled.captures
    visit.position = near(visit.position, chance.gauss(0, 3), chance.gauss(0, 3))
    step = (visit.ends - visit.begins - timedelta(minutes=8)) / max(1, len(files))
    for place, each in enumerate([*files[3:], *files[:3]]):  # whoever signs does so at the end
        at = visit.begins + timedelta(minutes=4) + step * place
        fix = near(
            visit.position, chance.gauss(0, 15), chance.gauss(0, 15),
            at=at - timedelta(seconds=chance.randrange(1, 20)), accuracy=round(chance.uniform(3, 25), 1),
        )  # fmt: skip
        visit.entries[each.name] = MediaEntry(
            each.name, each.sha256, len(each.data), each.mime, at, fix,
            captured_mono=_BASE + int((at - visit.begins).total_seconds() * 1000),
            captured_boot=f"boot of {visit.number}", source="camera",
        )  # fmt: skip
        if not each.name.startswith("sign-") and chance.random() < 0.5:
            camera = (fix.latitude + 20 * METRE, fix.longitude)
            visit.becomes(each.name, with_exif(each.data, "ALN-AL00 4.2.0.130", at, camera))


class BendablePhone(ScriptedPhone):
    """A phone that seals a visit as it is written, also where no phone of ours would."""

    bends: tuple[Callable[[Revision], Revision], ...] = ()

    def seal(self, visit: Visit) -> Draft:
        """Seal a visit as a record of its own."""
        form = self.form(visit.form)
        xml = compose_instance(
            form,
            visit.answers,
            f"uuid:{visit.record}",
            started_at=visit.begins,
            ended_at=visit.ends,
            device_id=str(self.device),
            username=str(self.state.user),
        )
        xml = complete_instance(form, xml, now=datetime.now(CHINA), lists=self.lists())
        if visit.amended:
            xml = amend_instance(xml, visit.amended)
        for each in visit.filled.captures:
            if each.name not in visit.kept_back:
                self.files[each.sha256] = each
        draft = Draft(
            visit.record, visit.task, form.form_id, form.version, xml, tuple(visit.entries.values())
        )
        self.bends = tuple(visit.bends)
        self._seal(draft, visit.position)
        return draft

    def revision_of(self, draft: Draft, place: Position | None) -> Revision:
        """Write the revision, and bend it."""
        revision = super().revision_of(draft, place)
        for bend in self.bends:
            revision = bend(revision)
        return revision

    def hand_in(self) -> None:
        """Send everything there is; what was kept back never comes."""
        self.push()
        wanted = set(self.state.media_wanted) & set(self.files)
        self.upload_only(wanted)

    def upload_only(self, wanted: set[str]) -> None:
        """Upload some of the wanted files."""
        for sha256 in sorted(wanted):
            self._upload_one(self.files[sha256], None)
