"""The people of the demo bureau. Their names are invented, their password is the same for all."""

from dataclasses import dataclass
from datetime import date

from server.access import Role
from server.db import Json
from server.registry.drafts import CertificateDraft

DEMO_PASSWORD = "merestone-demo"  # noqa: S105 - the demo's, printed at every start

REGIONS = (
    ("140000", "山西省", None),
    ("140500", "晋城市", "140000"),
    ("140522", "阳城县", "140500"),
    ("130000", "河北省", None),
    ("130800", "承德市", "130000"),
)
YANGCHENG, CHENGDE = "阳城县自然资源局", "承德市自然资源和规划局"
# Yangcheng wants results entered before the task closes (于本次任务截止时间前). How often it goes to an enterprise
# (年度检查频次上限) and that a code is scanned on entry (扫码入企) are invented.
# What its documents say (文书用语) is invented, too.
_DOCUMENTS: Json = {
    "prefix": "阳自然资",
    "texts": {
        "discipline": "严格遵守“五个严禁”检查纪律，不得干扰企业正常生产经营。",
        "remedies": "对本次检查有异议的，可以向本机关陈述、申辩，也可以向本机关的上级机关投诉举报。",
        "contact": "执法监督股 王文斌 0356-4220000",
        "assistants": "无协助人员",
    },
}
ORGANISATIONS: tuple[tuple[str, str, Json], ...] = (
    (
        YANGCHENG,
        "140522",
        {
            "deadline": {"entry": {"kind": "before_closing"}},
            "visit": {"a_year": 4, "entry_code": True},
            "documents": _DOCUMENTS,
        },
    ),
    (CHENGDE, "130800", {}),
)


@dataclass(frozen=True)
class DemoPerson:
    """Someone who can sign in, and for inspectors the certificate."""

    username: str
    name: str
    roles: tuple[Role, ...]
    organisation: str = YANGCHENG
    certificate: CertificateDraft | None = None


def _certificate(number: str) -> CertificateDraft:
    return CertificateDraft(number, "山西省人民政府", date(2022, 1, 1), date(2031, 12, 31))


PEOPLE = (
    DemoPerson("inspector1", "卫建国", (Role.LEAD, Role.INSPECTOR), certificate=_certificate("晋E0522001")),
    DemoPerson("inspector2", "李晓红", (Role.INSPECTOR,), certificate=_certificate("晋E0522002")),
    DemoPerson("inspector3", "张志强", (Role.INSPECTOR,), certificate=_certificate("晋E0522003")),
    DemoPerson("supervisor1", "王文斌", (Role.SUPERVISOR,)),
    DemoPerson("planner1", "赵丽", (Role.PLANNER,)),
    DemoPerson("policy1", "马丽娟", (Role.POLICY,)),
    DemoPerson("publisher1", "周宁", (Role.PUBLISHER,)),
    DemoPerson("operator1", "吴晓东", (Role.OPERATOR,)),
    DemoPerson("admin1", "刘洋", (Role.ADMIN,)),
    DemoPerson("auditor1", "陈静", (Role.AUDITOR,)),
    DemoPerson("planner2", "孙涛", (Role.PLANNER,), CHENGDE),
)
