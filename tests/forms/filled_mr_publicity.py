"""A complete, truthful answer to mr_publicity: a mining right whose publicised output differs."""

from datetime import date
from decimal import Decimal

ANSWERS = {
    "/data/right": {
        "right_kind": "mining",
        "holder_access": "cooperating",
        "publicity_year": 2025,
        "publicised": "yes",
        "publicised_on": date(2026, 3, 18),
        "publicity_capture": "publicity-page.png",
    },
    "/data/base": {
        "licence_number": {"checked": "C1405222021047120151234", "same": "yes"},
        "holder_name": {"checked": "阳城县虚构矿业有限公司", "same": "yes"},
        "mineral_kind": {"checked": "石灰岩", "same": "yes"},
        "validity": {"checked": "2021-04-12 至 2031-04-12", "same": "yes"},
        "area": {"checked": Decimal("0.4215"), "same": "yes"},
        "location": {"published": "山西省阳城县", "checked": "山西省阳城县", "same": "yes"},
    },
    "/data/mining": {
        "mine_status": {"published": "生产", "checked": "生产", "same": "yes"},
        "mined_minerals": {"published": "石灰岩", "checked": "石灰岩", "same": "yes"},
        "ore_output": {
            "published": Decimal("48.60"),
            "checked": Decimal("51.20"),
            "same": "no",
            "difference": "公示48.60万吨，过磅记录和销售发票合计51.20万吨，漏报12月份产量。",
            "evidence": "weighing-ledger.jpg",
        },
        "reserves_used": {"published": Decimal("54.10"), "checked": Decimal("54.10"), "same": "yes"},
        "mining_recovery": {"published": Decimal("94.6"), "checked": Decimal("94.6"), "same": "yes"},
        "associated_use": {"same": "na"},
        "has_dressing": "no",
        "restoration": {
            "published": "治理0.6公顷",
            "checked": "治理0.6公顷，已验收",
            "same": "yes",
        },
    },
    "/data/reserve_report": {
        "reserve_report_made": "yes",
        "reserve_documents": "met",
        "reserve_surveyor": "met",
        "reserve_crs": "met",
        "reserve_logging": "met",
    },
    "/data/duties": {
        "fee_transfer": {"published": Decimal("36.00"), "checked": Decimal("36.00"), "same": "yes"},
        "fee_occupation": {"published": Decimal("0.05"), "checked": Decimal("0.05"), "same": "yes"},
        "resource_tax": {"published": Decimal("62.40"), "checked": Decimal("62.40"), "same": "yes"},
        "data_delivery": {"same": "na"},
        "other_duties": {
            "published": "已设立标识牌",
            "checked": "标识牌内容完整，界桩齐全",
            "same": "yes",
        },
        "duties_unmet": ["none"],
    },
    "/data/links": {"linked_check": "yes", "linked_record_no": "YC-2026-09-002"},
    "/data/verdict": {"outcome": "correct"},
    "/data/written_notice": {
        "notified": "yes",
        "rectify_notice_no": "阳自然资告〔2026〕14号",
        "notified_on": date(2026, 9, 14),
        "correct_by": date(2026, 10, 14),
    },
    "/data/conclusions": {
        "PUBLICITY_TRUTH": {
            "answer": "not_conform",
            "problem": "年采出矿量公示48.60万吨，核查51.20万吨，少报2.60万吨。",
            "basis": "《矿业权人勘查开采信息管理办法》第七条",
            "disposal": "ORDER_RECTIFY",
            "rectify_deadline": date(2026, 10, 14),
        },
        "PUBLICITY_DUTIES": {"answer": "conform"},
    },
}
