"""A complete, truthful answer to land_valuation: two reports, one sent to a second round of marking."""

from datetime import date
from decimal import Decimal

ANSWERS = {
    "/data/filing": {
        "filing_no": "冀自然资估备〔2021〕0312号",
        "filed_on": date(2021, 6, 3),
        "organisation": "partnership",
        "filing_current": "met",
    },
    "/data/valuers": [
        {"valuer_name": "赵某", "valuer_no": "2014130041", "full_time": "yes", "insured": "yes"},
        {"valuer_name": "钱某", "valuer_no": "2017130112", "full_time": "yes", "insured": "yes"},
        {"valuer_name": "孙某", "valuer_no": "2009130027", "full_time": "yes", "insured": "na"},
    ],
    "/data/sampling": {
        "period_from": date(2025, 9, 1),
        "period_to": date(2026, 8, 31),
        "no_business": "no",
        "difference_limit": Decimal(10),
    },
    "/data/reports": [
        {
            "report_no": "1310820260117",
            "report_project": "虚构机械厂工业用地抵押价格评估",
            "purpose": "mortgage",
            "base_date": date(2026, 4, 20),
            "signed_on": date(2026, 4, 28),
            "land_value": Decimal("1860.40"),
            "methods": ["market", "cost"],
            "signers": 2,
            "sealed": "yes",
            "site_record": "met",
            "statutory": "no",
            "archive": "met",
            "internal_review": "met",
            "score_one": Decimal(82),
            "score_two": Decimal(86),
        },
        {
            "report_no": "1310820260163",
            "report_project": "虚构镇商服用地出让底价评估",
            "purpose": "grant",
            "base_date": date(2026, 6, 10),
            "signed_on": date(2026, 6, 19),
            "land_value": Decimal("925.00"),
            "methods": ["residual"],
            "single_method_reason": "报告说明周边三年内无可比交易案例。",
            "signers": 2,
            "sealed": "yes",
            "site_record": "unmet",
            "site_record_problem": "查勘表无委托方签字，宗地照片不能辨认西侧界线。",
            "statutory": "no",
            "archive": "met",
            "internal_review": "met",
            "score_one": Decimal(78),
            "score_two": Decimal(64),
            "review_score": Decimal(71),
        },
    ],
    "/data/conduct": {
        "name_lent": "not_found",
        "false_report": "not_found",
        "low_price": "not_found",
        "bribery": "unverified",
        "interest_conflict": "not_found",
    },
    "/data/conclusions": {
        "VALUATION_REPORTS": {
            "answer": "mostly_conform",
            "problem": "1310820260163 号报告现场查勘记录不规范。",
            "basis": "《城镇土地估价规程》",
            "evidence": "survey-form.jpg",
            "disposal": "ORDER_RECTIFY",
            "rectify_deadline": date(2026, 9, 30),
        },
        "VALUATION_CONDUCT": {"answer": "conform"},
    },
}
