"""What lies beside a province's visits, as rows: objects, people with their phones, draws, what went out, the quarantine, the log.

The `number`s are those of the visits, so that everything has its own share at every size.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from server import clock
from server.terms import endings, labels
from tests.bench.bulk import Bulk
from tests.bench.naming import hex_of, name_of_site, part_of, region_of, uscc_of

SHARE_OF_OBJECTS, SHARE_OF_PEOPLE, SHARE_OF_CASES, SHARE_OF_DRAWS = 10, 200, 20, 500
DELIVERED = {0: "pending", 1: "rejected", 2: "dead"}
PUBLISHED = {0: "due", 1: "failed", 2: "sent"}
ACTIONS = ("task.opened", "revision.accepted", "record.returned", "result.released", "person.signed-in")
OF = 25


class Beside:
    """Writes the tables; `head` is the end of the audit log, which goes on from there and is no true chain."""

    def __init__(
        self,
        bulk: Bulk,
        size: int,
        organisations: Mapping[str, UUID],
        person: UUID,
        head: tuple[int, str],
    ) -> None:
        self._add, self._size = bulk.add, size
        self._organisations = {code: found.hex for code, found in organisations.items()}
        self._person = person.hex
        self._seq, self._previous = head
        self._with_blocked: set[str] = set()
        self._now = clock.now().replace(tzinfo=None, microsecond=0)

    def run(self) -> None:
        """Write everything that is not written along with a visit."""
        for number in range(max(1, self._size // SHARE_OF_OBJECTS)):
            self._add_site(number)
        for number in range(self._size // SHARE_OF_PEOPLE):
            self._add_person(number)
        for number in range(self._size // SHARE_OF_CASES):
            self._add_case(number)
        self._add_planned()
        for number in range(self._size // SHARE_OF_DRAWS):
            self._add_ceremony(number)
        for number in range(self._size):
            self._append(number)

    def deliver(self, number: int, region: str, at: datetime) -> None:
        """Write the way of a released result to the platform."""
        state, moment = DELIVERED.get(part_of("delivered", number, OF), "accepted"), at.isoformat(" ")
        self._add(
            "delivery",
            "id, region, result_id, target, key, version, payload, state, attempts, next_at, queued_at, errors",
            (hex_of("delivery", number), region, hex_of("result", number), "mock", f"2026-{number}/1/QUALITY_ORG/1", 1,
             '{"task_no": "2026"}', state, 1, moment, moment, "[]"),
        )  # fmt: skip

    def publish(self, number: int, region: str, at: datetime) -> None:
        """Write where what is public of a result stands at a target."""
        state, moment = PUBLISHED.get(part_of("published", number, OF), "acknowledged"), at.isoformat(" ")
        self._add(
            "publication",
            "id, disclosure_id, target, region, state, due_on, queued_at, errors",
            (hex_of("publication", number), hex_of("disclosure", number), "portal", region, state,
             str(at.date() + timedelta(days=20)), moment, "[]"),
        )  # fmt: skip

    def _add_site(self, number: int) -> None:
        region = region_of(number)
        risk = "ABCD"[part_of("risk", number, 4)]
        tags = ["重点"] if part_of("tag", number, 500) == 1 else []
        self._add(
            "inspected_object",
            "id, region, organisation_id, kind, name, uscc, uscc_valid, address, legal_representative, risk_class, tags, active",
            (hex_of("site", number), region, self._organisations[region], "project" if part_of("kind", number, 100) == 7 else "enterprise",
             name_of_site(number), uscc_of(number), 1, "某地", "某", risk, json.dumps(tags, ensure_ascii=False), 1),
        )  # fmt: skip
        self._bear(
            "object_term", {"object_id": hex_of("site", number)}, endings(name_of_site(number)) | labels(tags)
        )

    def _add_person(self, number: int) -> None:
        region, person = region_of(number), hex_of("person", number)
        username, name, phone = f"person-{number:06d}", f"检查员{number}", f"手机 {number}"
        self._add(
            "person", "id, username, name, password_hash, roles, organisation_id, region, active, failed_sign_ins",
            (person, username, name, "", '["inspector"]', self._organisations[region], region,
             part_of("active", number, 20) != 0, 0),
        )  # fmt: skip
        self._bear("person_term", {"person_id": person}, endings(username, name) | labels(["inspector"]))
        seen = (self._now - timedelta(minutes=number)).isoformat(" ")
        is_blocked = part_of("blocked", number, 20) == 0 or region not in self._with_blocked
        self._with_blocked.add(region)
        device = hex_of("device", number)
        self._add(
            "device", "id, person_id, name, first_seen, last_sign_in, blocked_at",
            (device, person, phone, seen, seen, seen if is_blocked else None),
        )  # fmt: skip
        self._bear("device_term", {"person_id": person, "device_id": device}, endings(phone))

    def _bear(self, table: str, keys: Mapping[str, str], terms: set[bytes]) -> None:
        for term in terms:
            self._add(table, ", ".join(["term", *keys]), (term, *keys.values()))

    def _add_case(self, number: int) -> None:
        at = (self._now - timedelta(hours=part_of("came", number, 9000))).isoformat(" ")
        self._add(
            "quarantine_case", "id, region, sender_id, reason, arrived_at, state, form_id",
            (hex_of("case", number), region_of(number), self._person, "task.unknown" if part_of("reason", number, 3) else "form.unknown",
             at, "dismissed" if part_of("decided", number, 4) else "open", "survey_quality"),
        )  # fmt: skip

    def _add_planned(self) -> None:
        """Write a plan with one row, that all draws are for."""
        self._add(
            "plan",
            "id, region, organisation_id, year, number, name, kind, state, source, findings, imported_at, section,"
            " approval_no, version, filing_no",
            (hex_of("plan", 0), "140000", self._organisations["140000"], 2026, "1", "年度抽查计划", "annual", "draft", "bench",
             "[]", self._now.isoformat(" "), "", "", 0, ""),
        )  # fmt: skip
        self._add(
            "planned_inspection",
            "id, plan_id, region, row_no, name, sampling, items, item_codes, object_scope, ratio, ratio_text, windows,"
            " window_text, initiator, cooperators, notes, chosen_time, particulars",
            (hex_of("planned", 0), hex_of("plan", 0), "140000", 1, "矿山抽查", "[]", "[]", "[]", "全部", "{}", "5%", "[]", "全年",
             "local", "[]", "[]", 0, "{}"),
        )  # fmt: skip

    def _add_ceremony(self, number: int) -> None:
        region, at = region_of(number), self._now - timedelta(hours=number)
        self._add(
            "ceremony",
            "id, region, organisation_id, planned_id, kind, number, state, opens_on, due_on, reason, commitment,"
            " randomness_source, secret, randomness, frame_digest, people, seed, committed_at",
            (hex_of("ceremony", number), region, self._organisations[region], hex_of("planned", 0), "objects",
             f"抽〔2026〕{number}号", "abandoned", str(at.date()), str(at.date() + timedelta(days=60)), "不再需要", "0" * 64, "",
             "", "", "", "{}", "", at.isoformat(" ")),
        )  # fmt: skip

    def _append(self, number: int) -> None:
        """Write an entry, as long ago as it is far from the end; one in fifty by the system."""
        self._seq += 1
        at = self._now - timedelta(seconds=20 * (self._size - number))
        is_system = part_of("system", number, 50) == 0
        # A hash of its own for each, which nobody checks here.
        digest = hex_of("entry", number) * 2
        self._add(
            "audit", "seq, previous, hash, at, actor, action, subject_kind, subject, details, region",
            (self._seq, self._previous, digest, at.isoformat(" "),
             "system" if is_system else f"person-{part_of('actor', number, max(1, self._size // SHARE_OF_PEOPLE)):06d}",
             "quarantine.dismissed" if part_of("rare", number, 5000) == 3 else ACTIONS[part_of("action", number, len(ACTIONS))],
             "record", str(UUID(hex_of("record", number))), "{}", None if is_system else region_of(number)),
        )  # fmt: skip
        self._previous = digest
