"""A province's tasks, records, results and follow-ups as rows, each where it stands: the same at every size."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from server import clock
from tests.bench.bulk import Bulk

CITIES, COUNTIES = 5, 9
YEARS = 5
FORM = "survey_quality"
# More than half of everything is under way, a tenth in each place: far more than a bureau has, so that pages are full at every size.
ON_THE_WAY = {0: "assigned", 1: "under_review", 2: "returned", 3: "draft", 4: "confirmed", 5: "open"}
OF = 10


def code_of(city: int, county: int) -> str:
    """The code of a county; of its city for county 0."""
    return f"14{city + 1:02d}{20 + county if county else 0:02d}"


class Standing:
    """Writes the tables. Every task has a record and a result, unless it stands before that; a fifth a follow-up."""

    def __init__(self, bulk: Bulk, size: int, organisations: Mapping[str, UUID], inspector: UUID) -> None:
        self._add, self._size = bulk.add, size
        self._organisations = {code: found.hex for code, found in organisations.items()}
        self._inspector = inspector.hex
        self._now = clock.now().replace(tzinfo=None, microsecond=0)

    def run(self) -> None:
        """Write everything."""
        for number in range(max(1, self._size // 10)):
            self._add_site(number)
        for number in range(self._size):
            # 7919 is a prime: who stands where is spread over counties and days alike.
            stands = ON_THE_WAY.get((number * 7919) % OF, "public")
            place = (number * 31) % (CITIES * COUNTIES)
            self._add_visit(number, code_of(place // COUNTIES, place % COUNTIES + 1), stands)

    def _add_site(self, number: int) -> None:
        region = code_of(number % CITIES, 1)
        self._add(
            "inspected_object",
            "id, region, organisation_id, kind, name, address, legal_representative, tags, active",
            (_hex("site", number), region, self._organisations[region], "enterprise", f"测试公司{number}", "某地", "某", "[]", 1),
        )  # fmt: skip

    def _add_visit(self, number: int, region: str, stands: str) -> None:
        on_the_way = stands != "public"
        # What is over lies within some years, what is under way within some weeks.
        age = (number % 40) - 20 if on_the_way else 30 + number % (365 * YEARS)
        due = self._now.date() - timedelta(days=age)
        created = self._now - timedelta(days=age + 5, seconds=number % 80_000)
        task, site = _hex("task", number), _hex("site", number % max(1, self._size // 10))
        state = {"assigned": "assigned", "under_review": "open", "returned": "open", "open": "open"}.get(
            stands, "done"
        )
        self._add(
            "task",
            "id, number, name, region, organisation_id, object_id, forms, item_codes, opens_on, due_on, state",
            (task, f"2026-{number}", "矿山抽查", region, self._organisations[region], site, f'["{FORM}"]', '["QUALITY_ORG"]',
             str(due - timedelta(days=30)), str(due), state),
        )  # fmt: skip
        self._add("assignment", "task_id, person_id, role", (task, self._inspector, "lead"))
        if stands != "assigned":
            rev = self._add_record(number, region, stands, due, created)
            if stands in {"draft", "confirmed", "public"}:
                self._add_result(number, region, stands, due, created, rev)

    def _add_record(self, number: int, region: str, stands: str, due: date, created: datetime) -> str:
        record, task = _hex("record", number), _hex("task", number)
        rev = "sha256:" + hashlib.sha256(record.encode()).hexdigest()
        state = stands if stands in {"under_review", "returned", "open"} else "final"
        at = created.isoformat(" ")
        self._add(
            "record",
            "id, task_id, region, due_on, form_id, form_version, state, heads, flags, author_id, created_at, submitted_at",
            (record, task, region, str(due), FORM, "2026.2", state, f'["{rev}"]', "[]", self._inspector, at, at),
        )  # fmt: skip
        self._add(
            "revision",
            "rev, data, received_at, status, author_id, record_id, task_id, evidence_level, dev_seq, parents,"
            " wall_time, clock, form_id, form_version, answers, findings, media, flags",
            (rev, b"{}", at, "accepted", self._inspector, record, task, "unsigned", number, "[]", at, "{}", FORM,
             "2026.2", "{}", "[]", "[]", "[]"),
        )  # fmt: skip
        return rev

    def _add_result(
        self, number: int, region: str, stands: str, due: date, created: datetime, rev: str
    ) -> None:
        result, bureau = _hex("result", number), self._organisations[region]
        state = "released" if stands == "public" else stands
        at = created.isoformat(" ")
        problem = number % 5 == 0
        self._add(
            "result",
            "id, region, organisation_id, task_id, item_code, object_id, record_id, rev, codes, followup_codes,"
            " findings_text, state, version, inspected_on, due_on, due_rule, publish_on, estimated, drafted_at",
            (result, region, bureau, _hex("task", number), "QUALITY_ORG", _hex("site", number % max(1, self._size // 10)),
             _hex("record", number), rev, "[]", "[]", "", state, 1, str(created.date()), str(due + timedelta(days=20)),
             "任务完成后15个工作日内 · 15 working days", None if problem else str(due + timedelta(days=25)), 0, at),
        )  # fmt: skip
        if stands == "public":
            self._add(
                "disclosure",
                "id, result_id, version, region, organisation_id, name_key, object_id, item_code,"
                " inspected_on, outcome, body, state, published_at, changed_at",
                (_hex("disclosure", number), result, 1, region, bureau, f"测试公司{number}",
                 _hex("site", number % max(1, self._size // 10)), "QUALITY_ORG", str(created.date()), "fine", json.dumps({}),
                 "public", at, at),
            )  # fmt: skip
        if problem:
            self._add(
                "followup",
                "id, region, organisation_id, result_id, version, code, state, evidence, outcome, opened_at",
                (_hex("followup", number), region, bureau, result, 1, "ORDER_RECTIFY",
                 "entered" if number % 50 else "open", "[]", "", at),
            )  # fmt: skip


def _hex(kind: str, number: int) -> str:
    """Name a thing by its number, as scattered as ids made by chance."""
    return hashlib.md5(f"{kind} {number}".encode()).hexdigest()
