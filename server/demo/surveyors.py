"""Invented surveying firms of Yangcheng county with their qualifications (测绘资质)."""

from dataclasses import dataclass
from datetime import date

from server.registry.drafts import LicenceDraft, ObjectDraft
from server.registry.models import LicenceKind

_ISSUER = "山西省自然资源厅"


@dataclass(frozen=True)
class Surveyor:
    """A surveying firm with its qualification."""

    firm: ObjectDraft
    qualification: LicenceDraft


def _surveyor(name: str, uscc: str, person: str, risk: str, number: str, grade: str, scope: str) -> Surveyor:
    firm = ObjectDraft(
        name=name,
        uscc=uscc,
        address="山西省晋城市阳城县凤城镇",
        legal_representative=person,
        risk_class=risk,
        tags=("测绘资质单位",),
        latitude=35.4866,
        longitude=112.4147,
    )
    qualification = LicenceDraft(
        licence_no=number,
        kind=LicenceKind.SURVEYING,
        holder=name,
        issuer=_ISSUER,
        valid_from=date(2021, 12, 1),
        valid_to=date(2031, 11, 30),
        grade=grade,
        scope=scope,
    )
    return Surveyor(firm, qualification)


SURVEYORS = (
    _surveyor(
        "阳城县经纬测绘有限公司",
        "91140522MA0HE1B556",
        "卫经明",
        "A",
        "乙测资字14990001",
        "乙级",
        "工程测量、界线与不动产测绘",
    ),
    _surveyor(
        "阳城县析城山地理信息有限公司",
        "91140522MA0HG8J32L",
        "茹城",
        "B",
        "乙测资字14990002",
        "乙级",
        "工程测量、地理信息系统工程、测绘航空摄影",
    ),
    _surveyor(
        "晋城沁河勘测院有限公司阳城分公司",
        "91140522MA0HK5M68W",
        "马沁",
        "A",
        "甲测资字14990003",
        "甲级",
        "大地测量、工程测量、摄影测量与遥感",
    ),
    _surveyor(
        "阳城县濩泽测量队",
        "91140522MA0HM2Y148",
        "白濩",
        "C",
        "乙测资字14990004",
        "乙级",
        "工程测量",
    ),
)
