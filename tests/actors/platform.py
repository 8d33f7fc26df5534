"""The provincial platform in the cast: it draws, and it takes results, with faults or without."""

import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from openpyxl import Workbook

from server import audit, clock
from server.access import SYSTEM
from server.http import App
from server.planning.models import Plan, PlannedInspection
from server.platform.adapters import SignedHttpAdapter
from server.platform.drawn_rows import COLUMNS
from server.platform.mock import GOOD, Faults, MockPlatform, make_mock_server
from server.registry import service as registry
from server.registry.models import Certificate, InspectedObject
from tests.actors.cast import Cast
from tests.actors.someone import Someone

APP_KEY, SECRET = "yangcheng", "platform-secret"
PLAN_ROW = "2023年第一季度生产矿山抽查"


@contextmanager
def running_platform(
    faults: Faults = GOOD, seed: int = 1, read_timeout: float = 5.0
) -> Iterator[tuple[MockPlatform, SignedHttpAdapter]]:
    """A platform behind a real socket, and the adapter that reaches it."""
    platform = MockPlatform(APP_KEY, SECRET, faults, seed)
    server = make_mock_server(platform)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.port}/results"
        yield platform, SignedHttpAdapter(url, APP_KEY, SECRET, read_timeout=read_timeout)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


@dataclass
class Bureau:
    """What a platform's list refers to: a plan row, mines, and inspectors with certificates."""

    app: App
    planned_id: UUID
    objects: list[InspectedObject]
    certificates: dict[UUID, str]

    def row(self, place: int, *people: Someone, **more: Any) -> dict[str, Any]:
        """One row of the list: the mine at a place, visited by people, the first of them the lead."""
        mine = self.objects[place]
        return {
            "task_no": f"SX2023-{place + 1:03d}",
            "task_name": "生产矿山抽查",
            "planned": PLAN_ROW,
            "object_name": mine.name,
            "uscc": mine.uscc,
            "lead": self.certificates[people[0].person_id],
            "inspectors": [self.certificates[each.person_id] for each in people],
            "opens_on": "2026-02-02",
            "due_on": "2026-03-31",
            "approval_no": f"审〔2026〕{place + 1}号",
            "notice_no": f"通〔2026〕{place + 1}号",
        } | more


def bureau(cast: Cast, *inspectors: Someone, mines: int = 3, region: str = "140522") -> Bureau:
    """A bureau with a plan, mines, and certificates for some inspectors."""
    organisation = cast.organisation(region)
    with audit.transaction(cast.app.sessions) as session:
        registry.enter_standard_items(session, SYSTEM)
        plan = Plan(
            region=region,
            organisation_id=organisation.id,
            year=2023,
            number="阳自然资字〔2023〕11号",
            name="年度计划",
            kind="internal",
            state="published",
            source="",
            findings=[],
            imported_at=clock.now(),
            published_at=clock.now(),
        )
        session.add(plan)
        session.flush()
        planned = PlannedInspection(
            plan_id=plan.id,
            region=region,
            row_no=1,
            plan_no="YC-2023-01",
            name=PLAN_ROW,
            sampling=["targeted"],
            items=["矿山超层越界检查", "对界桩的检查"],
            item_codes=["MINE_OVERSTEP", "BOUNDARY_MARKER"],
            object_scope="全县生产矿山企业",
            ratio={},
            ratio_text="25%",
            windows=[],
            window_text="",
            initiator="矿管局",
            cooperators=[],
            notes=[],
        )
        objects = [
            InspectedObject(
                region=region,
                organisation_id=organisation.id,
                kind="enterprise",
                name=f"虚构{number}号矿",
                uscc=f"91140522MA0KY{number:04d}X",
                address="阳城县",
                legal_representative="王某",
                tags=[],
            )
            for number in range(mines)
        ]
        certificates = {each.person_id: f"ZF{place:06d}" for place, each in enumerate(inspectors)}
        session.add_all([planned, *objects])
        session.add_all(
            Certificate(
                person_id=person_id,
                number=number,
                issuer="山西省",
                valid_from=date(2020, 1, 1),
                valid_to=date(2099, 1, 1),
            )
            for person_id, number in certificates.items()
        )
        session.flush()
        return Bureau(cast.app, planned.id, objects, certificates)


def as_workbook(rows: Sequence[dict[str, Any]], leave_out: str = "") -> bytes:
    """The list as a platform's workbook, with a title above its headings."""
    book = Workbook()
    sheet = book.active
    sheet.append(["山西省双随机抽查任务清单"])
    columns = [column for column in COLUMNS if column.key != leave_out]
    sheet.append([column.headings[0] for column in columns])
    for row in rows:
        cells = (row.get(column.key) for column in columns)
        sheet.append(["、".join(cell) if isinstance(cell, list) else cell for cell in cells])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
