"""Tasks, records and all that lies beside them, as rows: written by their numbers, the same in every bureau."""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from server import clock, feed
from tests.bench.bulk import Bulk

REGION = "140522"
FORM = "survey_quality"
TASKS_AS_LEAD = 40
MEASURED = 32
CORNERS = 12
XML = "<data>" + "<a>答案</a>" * 30 + "</data>"


@dataclass(frozen=True)
class Size:
    """How much is stored."""

    inspectors: int
    tasks: int
    records: int

    @classmethod
    def of(cls, records: int) -> "Size":
        """A bureau with so many records: five to a task, forty tasks to an inspector who leads them."""
        return cls(max(MEASURED, records // 200), max(MEASURED * TASKS_AS_LEAD, records // 5), records)


def inspectors_of(task: int, people: int) -> tuple[int, ...]:
    """Tell the places of the lead, and of the second on every other task; who is measured goes with one who is, too."""
    turn, lead = divmod(task, people)
    second = lead ^ 1 if lead < MEASURED else (task * 7 + 1 + turn) % people
    return (lead, second) if turn % 2 and second != lead else (lead,)


class Filling:
    """Writes the tables. The audit log goes on from its `head`; what it says is numbered and no true chain."""

    def __init__(
        self, bulk: Bulk, size: Size, organisation: UUID, people: list[UUID], head: tuple[int, str]
    ) -> None:
        self._add = bulk.add
        self._size = size
        self._organisation = organisation.hex
        self._people = [person.hex for person in people]
        self._recipients = [feed.user(person) for person in people]
        self._seq, self._previous = head
        self._now = clock.now().replace(tzinfo=None).isoformat(" ", "seconds")
        self._today = clock.now().date()
        self._shown: set[tuple[int, int]] = set()

    def run(self) -> None:
        for number in range(MEASURED, len(self._people)):
            self._add(
                "person", "id, username, name, password_hash, roles, organisation_id, region, active, failed_sign_ins",
                (self._people[number], f"other-{number}", f"检查员{number}", "", '["inspector"]', self._organisation,
                 REGION, 1, 0),
            )  # fmt: skip
        objects = max(3, self._size.tasks // 10)
        for number in range(objects):
            self._add_object(number)
        for number in range(self._size.tasks):
            self._add_task(number, number % objects)
        for number in range(self._size.records):
            self._add_record(number)

    def _add_object(self, number: int) -> None:
        found = _hex("object", number)
        self._add(
            "inspected_object",
            "id, region, organisation_id, kind, name, address, legal_representative, tags, active",
            (found, REGION, self._organisation, "enterprise", f"测试公司{number}", "山西省晋城市阳城县凤城镇", "某", "[]", 1),
        )  # fmt: skip
        if number % 3:
            return
        licence = _hex("licence", number)
        ring = [[112.4 + place * 0.000123456, 35.48 + place * 0.000234567] for place in range(CORNERS)]
        geometry = json.dumps({"type": "Polygon", "coordinates": [[*ring, ring[0]]]})
        self._add(
            "licence",
            "id, object_id, kind, licence_no, holder, issuer, valid_from, valid_to, mineral, method, scale, area_km2,"
            " computed_area_km2, elevation_upper, elevation_lower, rings, geometry, findings",
            (licence, found, "mining", f"C{number:022d}", f"测试公司{number}", "山西省自然资源厅", "2020-01-01", "2035-01-01",
             "煤", "地下开采", "90万吨/年", 4.1, 4.1, 900.0, 400.0, "[]", geometry, "[]"),
        )  # fmt: skip
        for place, (longitude, latitude) in enumerate(ring):
            self._add(
                "boundary_marker", "id, licence_id, marker_no, corner, kind, x, y, latitude, longitude",
                (_hex("marker", number * CORNERS + place), licence, f"J{place + 1}", f"J{place + 1}", "stone",
                 3929531.12 + place, 37628416.22 + place, latitude, longitude),
            )  # fmt: skip

    def _add_task(self, number: int, found: int) -> None:
        task = _hex("task", number)
        self._add(
            "task",
            "id, number, name, region, organisation_id, object_id, forms, item_codes, opens_on, due_on, state,"
            " approval_no, notice_no",
            (task, f"2026-{number}", "测绘成果质量监督检查", REGION, self._organisation, _hex("object", found),
             f'["{FORM}"]', '["QUALITY_ORG"]', str(self._today), str(self._today + timedelta(days=30)), "open", "1", "1"),
        )  # fmt: skip
        who = inspectors_of(number, len(self._people))
        for place, person in enumerate(who):
            row = (task, self._people[person], "assisting" if place else "lead")
            self._add("assignment", "task_id, person_id, role", row)
        entity, its_object = _hyphenated(task), _hyphenated(_hex("object", found))
        self._append("task.opened", "task", entity)
        self._show(who, "task", entity, f"task:{entity}")
        # An object is seen through several tasks: one row of the feed, and a reason for each.
        fresh = tuple(person for person in who if (person, found) not in self._shown)
        self._shown.update((person, found) for person in fresh)
        self._show(fresh, "object", its_object, f"task:{entity}")
        for person in set(who) - set(fresh):
            self._give_reason(person, "object", its_object, f"task:{entity}")

    def _add_record(self, number: int) -> None:
        place = number % self._size.tasks
        task, record = _hex("task", place), _hex("record", number)
        who = inspectors_of(place, len(self._people))
        author = self._people[who[0]]
        data = f'{{"record":"{record}","xml":"{XML}"}}'.encode()
        rev = "sha256:" + hashlib.sha256(data).hexdigest()
        self._add(
            "record",
            "id, task_id, region, due_on, form_id, form_version, state, heads, flags, author_id, created_at, submitted_at",
            (
                record,
                task,
                REGION,
                str(self._today + timedelta(days=30)),
                FORM,
                "2026.2",
                "under_review",
                f'["{rev}"]',
                "[]",
                author,
                self._now,
                self._now,
            ),
        )
        self._add(
            "revision",
            "rev, data, received_at, status, author_id, record_id, task_id, evidence_level, dev_seq, parents,"
            " wall_time, clock, form_id, form_version, answers, findings, media, flags",
            (rev, data, self._now, "accepted", author, record, task, "unsigned", number, "[]", self._now, "{}", FORM,
             "2026.2", '{"a":"答案"}', "[]", "[]", "[]"),
        )  # fmt: skip
        entity = _hyphenated(record)
        self._append("revision.accepted", "record", entity)
        self._show(who, "record", entity, f"task:{_hyphenated(task)}")

    def _append(self, action: str, kind: str, entity: str) -> None:
        self._seq += 1
        digest = hashlib.sha256(f"{self._previous} {self._seq}".encode()).hexdigest()
        self._add(
            "audit", "seq, previous, hash, at, actor, action, subject_kind, subject, details",
            (self._seq, self._previous, digest, self._now, "system", action, kind, entity, "{}"),
        )  # fmt: skip
        self._previous = digest

    def _show(self, who: tuple[int, ...], kind: str, entity: str, reason: str) -> None:
        for person in who:
            row = (self._recipients[person], kind, entity, self._seq, 1)
            self._add("feed", "recipient, kind, entity, seq, live", row)
            self._give_reason(person, kind, entity, reason)

    def _give_reason(self, person: int, kind: str, entity: str, reason: str) -> None:
        row = (self._recipients[person], kind, entity, reason)
        self._add("feed_reason", "recipient, kind, entity, reason", row)


def _hyphenated(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _hex(kind: str, number: int) -> str:
    """Name a thing by its number: the same in every bureau, and as scattered as ids made by chance."""
    return hashlib.md5(f"{kind} {number}".encode()).hexdigest()


def id_of(kind: str, number: int) -> UUID:
    """The same as an id."""
    return UUID(_hex(kind, number))
