"""Licences, markers and the inspector library kept by hand: tried first, every version kept, ended and taken back."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text

from forms.geodesy import to_geographic
from server import audit, clock
from server.access import Role
from server.accounts.models import Person
from server.registry.models import LicenceVersion
from tests.server.registry.makers import SQUARE, a_workbook, send

NUMBER = "C1405222019071110010099"
SMALLER = SQUARE.replace("37628880.474", "37628680.474")


@pytest.fixture
def planner(cast):
    return cast.signed_in(Role.PLANNER)


@pytest.fixture
def mine(planner):
    body = {"name": "阳城县某煤矿", "latitude": 35.4866, "longitude": 112.4147}
    return planner.post("/api/v1/objects", body, expect=201)["id"]


def enter(planner, mine, expect=201, **more):
    body = {"licence_no": NUMBER, "corners": SQUARE, "valid_from": "2020-01-01"} | more
    return planner.post(f"/api/v1/objects/{mine}/licences", body, expect=expect)


def entries(session):
    return session.scalars(select(audit.AuditEntry).order_by(audit.AuditEntry.seq)).all()


def place(planner, licence, *markers, **more):
    body = {"markers": [dict(zip(("marker_no", "x", "y"), each, strict=True)) for each in markers]} | more
    return planner.put(f"/api/v1/licences/{licence['id']}/markers", body)


def versions(planner, licence, part):
    found = planner.get(f"/api/v1/licences/{licence['id']}/versions")
    return [each for each in found if each["part"] == part]


def test_a_new_boundary_is_a_version_with_its_source_and_day_and_the_one_before_stays(session, planner, mine):
    licence = enter(planner, mine)
    yesterday, today = f"{clock.today() - timedelta(days=1)}", f"{clock.today()}"

    changed = enter(planner, mine, corners=SMALLER, since=yesterday, source="变更登记 晋采变〔2026〕3号")
    again = enter(planner, mine, corners=SMALLER, since=today, source="又一次")

    assert (changed["id"], changed["computed_area_km2"]) == (licence["id"], pytest.approx(0.8, abs=1e-6))
    assert again["rings"] == changed["rings"]  # the same again is no version
    newest, first = versions(planner, licence, "licence")
    assert (newest["number"], newest["since"], newest["until"]) == (2, yesterday, None)
    assert (newest["source"], newest["licence"]["boundary"]) == (
        "变更登记 晋采变〔2026〕3号",
        changed["boundary"],
    )
    assert (first["since"], first["until"], first["entered_by"]) == (
        "2020-01-01",
        yesterday,
        newest["entered_by"],
    )
    assert first["licence"]["boundary"] == licence["boundary"]
    told = entries(session)[-1]
    assert (told.action, told.details["version"], told.details["source"]) == (
        "licence.entered",
        2,
        newest["source"],
    )

    ahead = enter(planner, mine, since=f"{clock.today() + timedelta(days=1)}", expect=422)
    before = enter(planner, mine, since="2019-01-01", expect=422)
    assert [ahead["code"], before["code"]] == ["licence.version-unsound"] * 2
    assert len(versions(planner, licence, "licence")) == 2


def test_a_licence_from_before_versions_were_kept_keeps_what_it_said_when_it_is_changed(
    session, planner, mine
):
    licence = enter(planner, mine)
    place(planner, licence, ("J1", 3929998.94, 37627880.474))
    session.execute(text("delete from licence_version"))
    session.expire_all()

    assert [each["number"] for each in versions(planner, licence, "licence")] == [1]
    assert [each["number"] for each in versions(planner, licence, "markers")] == [1]
    enter(planner, mine, corners=SMALLER)
    place(planner, licence, ("J2", 3929998.94, 37628680.474), source="实测")
    newest, first = versions(planner, licence, "licence")
    assert (first["licence"]["boundary"], first["entered_at"]) == (licence["boundary"], None)
    assert newest["licence"]["computed_area_km2"] == pytest.approx(0.8, abs=1e-6)
    newest, first = versions(planner, licence, "markers")
    assert [each["properties"]["marker_no"] for each in first["markers"]["features"]] == ["J1"]
    assert (newest["source"], newest["markers"]["features"][0]["properties"]["marker_no"]) == ("实测", "J2")


def test_trying_a_licence_and_markers_shows_the_shape_and_every_row_that_is_wrong_and_enters_nothing(
    planner, mine
):
    degrees = [
        to_geographic(float(x), float(y), 4525) for _, x, y in (row.split(",") for row in SQUARE.split("\n"))
    ]
    pasted = "点号 经度 纬度\n" + "\n".join(
        f"{n},{lon:.9f},{lat:.9f}" for n, (lat, lon) in enumerate(degrees, 1)
    )
    path = f"/api/v1/objects/{mine}/licences"
    licence = {"licence_no": NUMBER, "corners": pasted}
    tried = planner.post(f"{path}/reading", licence)
    assert (tried["usable"], tried["epsg"], tried["computed_area_km2"]) == (
        True,
        4525,
        pytest.approx(1, abs=1e-6),
    )
    assert tried["boundary"]["geometry"]["type"] == "Polygon"
    wrong = planner.post(f"{path}/reading", licence | {"corners": pasted.replace(",35.49", ",3.549", 1)})
    assert [(each["row"], each["severity"]) for each in wrong["findings"] if each["row"] == 2] != []
    assert (wrong["usable"], planner.get(f"/api/v1/objects/{mine}")["licences"]) == (False, [])

    entered = enter(planner, mine, corners=pasted)
    assert entered["rings"][0]["corners"][0] == [
        "1",
        pytest.approx(3929998.94, abs=1e-3),
        pytest.approx(37627880.474, abs=1e-3),
    ]
    latitude, longitude = degrees[0]
    body = {"markers": [
        {"marker_no": "J1", "x": longitude, "y": latitude},
        {"marker_no": "J1", "x": 3929998.94, "y": 37628880.474},
        {"marker_no": "J3", "x": 3829998.94, "y": 37628880.474},
    ]}  # fmt: skip
    tried = planner.post(f"/api/v1/licences/{entered['id']}/markers/reading", body)
    assert [(each["row"], each["kind"]) for each in tried["findings"]] == [
        (1, "degrees"),
        (2, "repeated"),
        (3, "far"),
    ]
    (first,) = tried["markers"]["features"]
    assert (tried["usable"], first["properties"]["y"]) == (False, pytest.approx(37627880.474, abs=1e-3))
    assert planner.get(f"/api/v1/objects/{mine}")["licences"][0]["markers"]["features"] == []


def test_a_licence_ends_with_a_day_and_a_reason_and_the_end_is_taken_back(cast, session, planner, mine):
    licence = enter(planner, mine)
    path = f"/api/v1/licences/{licence['id']}"
    today = f"{clock.today()}"

    assert (
        planner.post(f"{path}/end", {"last_day": "2019-12-31", "reason": "注销"}, expect=422)["code"]
        == "licence.version-unsound"
    )
    elsewhere = cast.signed_in(Role.PLANNER, region="130800")
    assert (
        elsewhere.post(f"{path}/end", {"last_day": today, "reason": "注销"}, expect=404)["code"]
        == "object.not-found"
    )
    assert elsewhere.get(f"{path}/versions", expect=404)["code"] == "object.not-found"
    auditor = cast.signed_in(Role.AUDITOR)
    assert (
        auditor.post(f"{path}/end", {"last_day": today, "reason": "注销"}, expect=403)["code"]
        == "access.denied"
    )
    assert planner.get(f"/api/v1/licences/{uuid4()}/versions", expect=404)["code"] == "licence.not-found"

    ended = planner.post(f"{path}/end", {"last_day": today, "reason": "注销登记"})
    assert (ended["ended_on"], ended["ended_because"]) == (today, "注销登记")
    (shown,) = planner.get(f"/api/v1/objects/{mine}")["licences"]  # it stays to be read
    assert shown["ended_on"] == today
    enter(planner, mine, mineral="煤")  # said anew it is ended still
    assert planner.get(f"/api/v1/objects/{mine}")["licences"][0]["ended_on"] == today
    resumed = planner.post(f"{path}/end", {"last_day": None, "reason": "登错"})
    assert (resumed["ended_on"], resumed["ended_because"]) == (None, None)
    assert [each["source"] for each in versions(planner, licence, "licence")] == ["登错", "", "注销登记", ""]
    assert [each.action for each in entries(session)][-3:] == [
        "licence.ended",
        "licence.entered",
        "licence.resumed",
    ]


def test_an_import_writes_a_version_and_one_that_is_taken_back_leaves_what_stood_there(
    session, planner, mine
):
    licence = enter(planner, mine)
    columns = ("名称", "统一社会信用代码", "许可证号", "拐点坐标")
    book = a_workbook(("检查对象", [columns, ("阳城县某煤矿", None, NUMBER, SMALLER)]))
    done = send(planner, "/api/v1/objects/import", book)

    assert [each["number"] for each in versions(planner, licence, "licence")] == [2, 1]
    planner.post(f"/api/v1/imports/{done['import_id']}/undo", {"reason": "错表"})

    newest, _, first = versions(planner, licence, "licence")
    assert newest["source"] == "撤销导入"
    assert newest["licence"]["boundary"] == first["licence"]["boundary"] == licence["boundary"]
    assert session.scalars(select(LicenceVersion.number)).all() != []


def test_an_inspector_is_entered_changed_taken_out_and_back_by_hand(cast, session):
    admin = cast.signed_in(Role.ADMIN)
    paper = {"number": "晋E001", "issuer": "省政府", "valid_from": "2020-01-01", "valid_to": "2099-12-31"}
    entered = admin.post(
        "/api/v1/inspectors",
        {
            "username": "wangwu",
            "name": "王五",
            "department": "矿产科",
            "tags": ["测量"],
            "certificates": [paper],
        },
        expect=201,
    )
    path = f"/api/v1/inspectors/{entered['person_id']}"
    assert (entered["in_library"], entered["department"], entered["roles"]) == (True, "矿产科", ["inspector"])
    taken = {"username": "wangwu", "name": "别人"}
    assert admin.post("/api/v1/inspectors", taken, expect=409)["code"] == "inspector.name-differs"
    own = {"username": admin.username, "name": session.get_one(Person, admin.person_id).name}
    assert admin.post("/api/v1/inspectors", own, expect=409)["code"] == "person.own-rights"

    admin.put(f"{path}/page", {"duty": "科员"})
    admin.put(f"{path}/exams/2024", {"passed": False})
    out = admin.post(f"{path}/end", {"reason": "调离"})
    assert (out["in_library"], out["ended_because"], out["duty"]) == (False, "调离", "科员")
    assert [each["passed"] for each in out["exams"]] == [False]
    names = [each["name"] for each in admin.get("/api/v1/inspectors/standing")]
    assert "王五" not in names
    (listed,) = [
        each for each in admin.get("/api/v1/inspectors/standing?ended=true") if each["name"] == "王五"
    ]
    assert (listed["in_library"], listed["ended_on"]) == (False, f"{clock.today()}")
    admin.put(f"{path}/page", {"duty": "副科长"})
    assert "王五" in [each["name"] for each in admin.get("/api/v1/inspectors/standing")]
    actions = [each.action for each in entries(session) if each.subject == entered["person_id"]]
    assert actions[-2:] == ["inspector.removed", "inspector.entered"]

    assert cast.signed_in(Role.ADMIN, region="130800").get(path, expect=404)["code"] == "person.not-found"
    planner = cast.signed_in(Role.PLANNER)
    assert planner.get(path)["certificates"][0]["number"] == "晋E001"
    assert planner.post(f"{path}/end", {"reason": "调离"}, expect=403)["code"] == "access.denied"
    assert planner.post("/api/v1/inspectors", taken, expect=403)["code"] == "access.denied"
