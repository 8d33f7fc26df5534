"""A complete, truthful answer to land_reclamation: one instalment short, the land in order."""

from datetime import date
from decimal import Decimal

from forms import Geopoint

ANSWERS = {
    "/data/obligation": {"obligor": "阳城县虚构矿业有限公司", "project": "阳城县虚构石灰岩矿"},
    "/data/reclamation_plan": {
        "plan_kind": "combined",
        "plan_approval_no": "阳自然资复垦审〔2022〕6号",
        "plan_approved_on": date(2022, 5, 18),
        "plan_level": "county",
        "plan_valid_to": date(2032, 5, 17),
        "production_ends_on": date(2030, 12, 31),
        "revision_due": "no",
    },
    "/data/supervision": {
        "agreement_signed": "yes",
        "agreement_signed_on": date(2022, 7, 8),
        "account_opened": "yes",
        "account_bank": "虚构银行阳城县支行",
        "account_tail": "4821",
    },
    "/data/deposit": {
        "cost_kind": "static",
        "due_total": Decimal("368.50"),
        "period_years": Decimal("8.5"),
        "deposit_mode": "instalments",
        "first_share_pct": Decimal(20),
        "schedule": [
            {"instalment_no": 1, "due_on": date(2022, 7, 31), "due_amount": Decimal("73.70")},
            {"instalment_no": 2, "due_on": date(2023, 12, 31), "due_amount": Decimal("60.00")},
            {"instalment_no": 3, "due_on": date(2024, 12, 31), "due_amount": Decimal("60.00")},
            {"instalment_no": 4, "due_on": date(2025, 12, 31), "due_amount": Decimal("60.00")},
            {"instalment_no": 5, "due_on": date(2026, 12, 31), "due_amount": Decimal("60.00")},
            {"instalment_no": 6, "due_on": date(2028, 12, 31), "due_amount": Decimal("54.80")},
        ],
        "any_deposit": "yes",
        "deposits": [
            {"voucher_no": "FK20220726-01", "paid_on": date(2022, 7, 26), "paid_amount": Decimal("73.70")},
            {"voucher_no": "FK20231220-03", "paid_on": date(2023, 12, 20), "paid_amount": Decimal("60.00")},
            {"voucher_no": "FK20241225-02", "paid_on": date(2024, 12, 25), "paid_amount": Decimal("60.00")},
            {
                "voucher_no": "FK20251229-01",
                "paid_on": date(2025, 12, 29),
                "paid_amount": Decimal("40.00"),
                "voucher_photo": "voucher-4.jpg",
            },
        ],
        "statement_shown": "yes",
        "statement_on": date(2026, 9, 10),
        "balance": Decimal("191.35"),
        "statement_photo": "statement.jpg",
        "used": Decimal("42.50"),
        "use_approved": "yes",
    },
    "/data/yearly_report": {"annual_report_filed": "yes", "annual_report_on": date(2025, 12, 26)},
    "/data/land": {
        "any_damaged": "yes",
        "damaged": [
            {"damage_kind": "excavated", "class_before": "forest", "damaged_ha": Decimal("3.2150")},
            {"damage_kind": "occupied", "class_before": "grass", "damaged_ha": Decimal("1.4060")},
        ],
        "plan_area_ha": Decimal("1.8000"),
        "any_reclaimed": "yes",
        "reclaimed": [
            {"class_after": "forest", "done_ha": Decimal("1.2000")},
            {"class_after": "grass", "done_ha": Decimal("0.6000")},
        ],
        "accepted_ha": Decimal("1.2000"),
        "acceptance_no": "阳自然资验〔2025〕11号",
    },
    "/data/work_quality": {
        "topsoil": "yes",
        "topsoil_photo": "topsoil.jpg",
        "soil_cm": Decimal(42),
        "slope_deg": Decimal(18),
        "vegetation_pct": Decimal(86),
        "drainage": "good",
        "quality_met": "yes",
        "quality_found": "覆土最薄处42厘米，坡面整平，侧柏成活，截排水沟完好，未见裂缝。",
        "monitored": "yes",
    },
    "/data/plots": [
        {
            "plot_name": "东帮一号平台",
            "plot_state": "accepted",
            "plot_locating": "point",
            "plot_position": Geopoint(35.4869, 112.4151, 742.0, 4.0),
            "plot_photo": "plot-1.jpg",
        },
        {
            "plot_name": "废石场下部坡面",
            "plot_state": "reclaimed",
            "plot_locating": "outline",
            "plot_outline": [
                Geopoint(35.4851, 112.4160, 728.0, 4.5),
                Geopoint(35.4851, 112.4170, 728.0, 4.2),
                Geopoint(35.4857, 112.4170, 731.0, 4.8),
                Geopoint(35.4851, 112.4160, 728.0, 4.5),
            ],
            "plot_photo": "plot-2.jpg",
        },
    ],
    "/data/verdict": {"performance": "partly"},
    "/data/conclusions": {
        "RECLAMATION_DEPOSIT": {
            "answer": "not_conform",
            "problem": "2025年应存60万元，实存40万元，欠存20万元。",
            "basis": "《土地复垦条例》及监管协议第六条",
            "disposal": "ORDER_RECTIFY",
            "rectify_deadline": date(2026, 10, 15),
        },
        "RECLAMATION_LAND": {"answer": "conform"},
        "RECLAMATION_DUTY": {
            "answer": "mostly_conform",
            "problem": "复垦工程按计划实施，复垦费用未足额预存。",
            "disposal": "DAILY_SUPERVISION",
        },
    },
}
