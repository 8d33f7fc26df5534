"""Invented mines around real places of Yangcheng county, as their licences and the registry would have them.

Names, codes, numbers and boundaries are made up; credit codes have right check digits. Corner points are in
zone 37 of CGCS2000's 3° system (EPSG:4525). One licence has two rings, one an excluded area, and one is
written without zone number on one line, as people paste it.
"""

from dataclasses import dataclass, replace
from datetime import date

from forms.geodesy import parse_corners
from server.registry.drafts import LicenceDraft, MarkerDraft, ObjectDraft

ZONE = 37
_ISSUER = "晋城市规划和自然资源局"


@dataclass(frozen=True)
class Mine:
    """A mine with its licence; its markers stand at the corners of the outer rings."""

    site: ObjectDraft
    licence: LicenceDraft

    @property
    def markers(self) -> tuple[MarkerDraft, ...]:
        """Return one marker for each corner, at most twelve."""
        rings = parse_corners(self.licence.corners, zone=ZONE).rings
        corners = [corner for ring in rings if not ring.hole for corner in ring.corners]
        return tuple(
            MarkerDraft(f"J{number:02d}", corner.x_north, corner.y_east, corner.name)
            for number, corner in enumerate(corners[:12], 1)
        )


def _mine(
    name: str, uscc: str, person: str, place: str, position: tuple[float, float], risk: str, **licence: object
) -> Mine:
    site = ObjectDraft(
        name=name,
        uscc=uscc,
        address=f"山西省晋城市阳城县{place}",
        legal_representative=person,
        risk_class=risk,
        tags=("矿山", "生产矿山"),
        latitude=position[0],
        longitude=position[1],
    )
    draft = LicenceDraft(
        licence_no="", holder=name, issuer=_ISSUER, valid_from=date(2019, 7, 1), valid_to=date(2034, 6, 30)
    )
    return Mine(site, replace(draft, **licence))  # type: ignore[arg-type]


MINES = (
    _mine(
        "阳城县磨石岭煤业有限公司",
        "91140522MA0K1X3L40",
        "卫石岭",
        "町店镇磨石岭村",
        (35.5121, 112.3614),
        "C",
        licence_no="C1405222019071110010011",
        mineral="煤",
        method="地下开采",
        scale="90 万吨/年",
        area_km2=3.9581,
        elevation_upper=850.0,
        elevation_lower=620.0,
        corners="""点号,X坐标,Y坐标
1,3933076.84,37623392.24
2,3933131.21,37624599.97
3,3932195.77,37624838.56
4,3931583.73,37624640.06
5,3931155.03,37623444.39
6,3931646.09,37622589.31
7,3932229.09,37621858.11
8,3932798.51,37622580.40""",
    ),
    _mine(
        "阳城县青龙坪石灰岩矿",
        "91140522MA0K2H7T9D",
        "郭青坪",
        "北留镇青龙坪",
        (35.4412, 112.4873),
        "B",
        licence_no="C1405222019077130020022",
        mineral="石灰岩",
        method="露天开采",
        scale="50 万吨/年",
        area_km2=0.3235,
        elevation_upper=905.0,
        elevation_lower=810.0,
        corners="""1,3924881.27,37635087.36
2,3924697.81,37635479.72
3,3924448.07,37635367.37
4,3924277.72,37635050.93
5,3924431.28,37634621.95
6,3924679.39,37634702.83""",
    ),
    _mine(
        "阳城县白马沟铝土矿业有限公司",
        "91140522MA0K4D5R1T",
        "上官白",
        "蟒河镇白马沟",
        (35.4057, 112.3320),
        "D",
        licence_no="C1405222019073120030033",
        mineral="铝土矿",
        method="露天+地下开采",
        scale="30 万吨/年",
        area_km2=2.7902,
        elevation_upper=980.0,
        elevation_lower=760.0,
        corners="""1,3921359.47,37621042.92
2,3921107.10,37621688.09
3,3920773.07,37622067.27
4,3920418.05,37622180.66
5,3919873.28,37622096.04
6,3919732.85,37621609.22
7,3919712.28,37621038.02
8,3919755.64,37620495.61
9,3919918.00,37619905.09
10,3920387.73,37619996.82
11,3920705.92,37620066.25
12,3921014.44,37620443.89""",
    ),
    _mine(
        "阳城县双泉煤业有限公司",
        "91140522MA0K6N2P8X",
        "成双泉",
        "润城镇双泉村",
        (35.5468, 112.4791),
        "B",
        licence_no="C1405222019071110040044",
        mineral="煤",
        method="地下开采",
        scale="60 万吨/年",
        area_km2=2.2478,
        elevation_upper=720.0,
        elevation_lower=480.0,
        corners="""一区
1,3936896.99,37634231.60
2,3936704.49,37634826.39
3,3936153.17,37635188.37
4,3935607.39,37634452.08
5,3935704.66,37633745.22
6,3936175.75,37633139.07
7,3936701.38,37633237.97
二区
8,3938975.45,37635196.05
9,3938678.15,37635606.16
10,3938344.55,37635524.30
11,3938281.25,37634841.73
12,3938679.23,37634742.23""",
    ),
    _mine(
        "阳城县贺家山砂岩矿",
        "91140522MA0K8Q6W38",
        "贺山远",
        "东冶镇贺家山",
        (35.3794, 112.5216),
        "A",
        licence_no="C1405222019077130050055",
        mineral="建筑用砂岩",
        method="露天开采",
        scale="10 万立方米/年",
        area_km2=0.1637,
        elevation_upper=790.0,
        elevation_lower=730.0,
        corners="""1 3917995.39 37638304.07
2 3917764.36 37638572.52
3 3917522.46 37638266.31
4 3917762.00 37637880.18""",
    ),
    _mine(
        "阳城县柳树洼煤业有限公司",
        "91140522MA0KA9C774",
        "原柳生",
        "芹池镇柳树洼",
        (35.4689, 112.2795),
        "C",
        licence_no="C1405222019071110060066",
        mineral="煤",
        method="地下开采",
        scale="120 万吨/年",
        area_km2=3.1582,
        elevation_upper=890.0,
        elevation_lower=640.0,
        corners="""1,3928274.41,37616036.74
2,3928033.90,37616810.68
3,3927712.51,37617236.02
4,3927192.25,37617211.42
5,3926665.47,37616970.65
6,3926361.56,37616185.35
7,3926657.77,37615206.20
8,3927197.81,37614933.30
9,3927653.28,37614866.82
10,3928071.79,37615550.83
除外
11,3927547.48,37616159.86
12,3927352.37,37616477.45
13,3927131.95,37616115.55
14,3927371.67,37615872.85""",
    ),
    _mine(
        "阳城县铁炉井铁矿有限公司",
        "91140522MA0KC4F20M",
        "栗铁山",
        "凤城镇铁炉井",
        (35.5233, 112.5447),
        "A",
        licence_no="C1405222019072110070077",
        mineral="铁矿",
        method="地下开采",
        scale="15 万吨/年",
        area_km2=0.3768,
        elevation_upper=700.0,
        elevation_lower=560.0,
        zone=ZONE,
        corners=(
            "1，3934095.20，640164.45；2，3933847.62，640603.85；3，3933482.07，640369.66；"
            "4，3933462.89，639849.31；5，3933820.22，639692.12"
        ),
    ),
)
