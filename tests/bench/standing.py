"""A province's tasks, records, results and follow-ups as rows, each where it stands: the same at every size."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from server import clock
from server.publicity.searching import name_key
from server.terms import labels
from tests.bench.beside import SHARE_OF_OBJECTS, Beside
from tests.bench.bulk import Bulk
from tests.bench.naming import hex_of, name_of_site, part_of, region_of, uscc_of

YEARS = 5
FORM = "survey_quality"
# More than half of everything is under way, a tenth in each place: far more than a bureau has, so that pages are full at every size.
ON_THE_WAY = {0: "assigned", 1: "under_review", 2: "returned", 3: "draft", 4: "confirmed", 5: "open"}
OF = 10


class Standing:
    """Writes the tables. Every task has a record and a result, unless it stands before that; a fifth a follow-up."""

    def __init__(
        self, bulk: Bulk, size: int, organisations: Mapping[str, UUID], inspector: UUID, beside: Beside
    ) -> None:
        self._add, self._size, self._beside = bulk.add, size, beside
        self._organisations = {code: found.hex for code, found in organisations.items()}
        self._inspector = inspector.hex
        self._now = clock.now().replace(tzinfo=None, microsecond=0)

    def run(self) -> None:
        """Write everything."""
        for number in range(self._size):
            self._add_visit(
                number, region_of(number), ON_THE_WAY.get(part_of("stands", number, OF), "public")
            )

    def _add_visit(self, number: int, region: str, stands: str) -> None:
        on_the_way = stands != "public"
        # What is over lies within some years, what is under way within some weeks.
        days = part_of("day", number, 40 if on_the_way else 365 * YEARS)
        age = days - 20 if on_the_way else 30 + days
        due = self._now.date() - timedelta(days=age)
        created = self._now - timedelta(days=age + 5, seconds=part_of("second", number, 80_000))
        task, site = hex_of("task", number), hex_of("site", self._site(number))
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
        for term in labels([FORM]):
            self._add("task_term", "term, task_id", (term, task))
        if stands == "assigned":
            return
        rev = self._add_record(number, region, stands, due, created)
        if stands in {"draft", "confirmed", "public"}:
            self._add_result(number, region, stands, due, created, rev)
        if stands == "public":
            self._disclose(number, region, created.date(), hex_of("result", number))
        else:
            self._add_earlier(number, region, created.date() - timedelta(days=365), rev)

    def _add_record(self, number: int, region: str, stands: str, due: date, created: datetime) -> str:
        record, task = hex_of("record", number), hex_of("task", number)
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
        result, bureau = hex_of("result", number), self._organisations[region]
        state = "released" if stands == "public" else stands
        at = created.isoformat(" ")
        problem = part_of("problem", number, 5) == 0
        self._add(
            "result",
            "id, region, organisation_id, task_id, item_code, object_id, record_id, rev, codes, followup_codes,"
            " findings_text, state, version, inspected_on, due_on, due_rule, publish_on, estimated, drafted_at",
            (result, region, bureau, hex_of("task", number), "QUALITY_ORG", hex_of("site", self._site(number)),
             hex_of("record", number), rev, "[]", "[]", "", state, 1, str(created.date()), str(due + timedelta(days=20)),
             "任务完成后15个工作日内 · 15 working days", None if problem else str(due + timedelta(days=25)), 0, at),
        )  # fmt: skip
        if stands == "public":
            self._beside.deliver(number, region, created)
        if problem:
            self._add(
                "followup",
                "id, region, organisation_id, result_id, version, code, state, act_by, evidence, outcome, opened_at",
                (hex_of("followup", number), region, bureau, result, 1,
                 "TRANSFER_POLICE" if part_of("police", number, 100) == 5 else "ORDER_RECTIFY",
                 "entered" if part_of("followed", number, 50) else "open", str(created.date() + timedelta(days=30)), "[]", "",
                 at),
            )  # fmt: skip

    def _add_earlier(self, number: int, region: str, day: date, rev: str) -> None:
        """Write what came of a visit a year ago, so that of every visit that was begun something is public."""
        result = hex_of("earlier", number)
        self._add(
            "result",
            "id, region, organisation_id, task_id, item_code, object_id, record_id, rev, codes, followup_codes,"
            " findings_text, state, version, inspected_on, due_on, due_rule, estimated, drafted_at",
            (result, region, self._organisations[region], hex_of("task", number), "QUALITY_OLD",
             hex_of("site", self._site(number)), hex_of("record", number), rev, "[]", "[]", "", "released", 1, str(day), str(day + timedelta(days=20)), "",
             0, f"{day} 08:00:00"),
        )  # fmt: skip
        self._disclose(number, region, day, result)

    def _disclose(self, number: int, region: str, day: date, result: str) -> None:
        """Write what the public reads of a result."""
        site, problem = self._site(number), part_of("problem", number, 5) == 0
        at = f"{day} 08:{number % 60:02d}:00"
        name, code = name_of_site(site), uscc_of(site)
        said = {
            "task_no": f"2026-{number}", "task_name": "矿山抽查", "plan_name": None, "draw_no": None, "organisation": f"{region}局",
            "region": region, "region_name": f"地区{region}", "object_name": name, "object_kind": "enterprise", "uscc": code,
            "item_code": "QUALITY_ORG", "item_name": "成果质量", "inspected_on": str(day), "result_codes": ["NO_PROBLEM"],
            "result": ["未发现问题"], "followup_codes": [], "followup": [], "version": 1,
        }  # fmt: skip
        self._add(
            "disclosure",
            "id, result_id, version, region, organisation_id, name_key, uscc, object_id, item_code,"
            " inspected_on, outcome, body, state, published_at, changed_at",
            (hex_of("disclosure", number), result, 1, region,
             self._organisations[region], name_key(name), code, hex_of("site", site), "QUALITY_ORG", str(day),
             "problem" if problem else "no_problem", json.dumps(said, ensure_ascii=False), "public", at, at),
        )  # fmt: skip
        self._beside.publish(number, region, datetime.fromisoformat(at))

    def _site(self, number: int) -> int:
        return number % max(1, self._size // SHARE_OF_OBJECTS)
