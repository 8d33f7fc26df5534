"""Packs of maps in a folder: who is offered which, and downloads that go on where they were cut off."""

from dataclasses import replace

import pytest

from server.access import Role

BYTES = b"PMTiles\x03" + bytes(range(256)) * 8


@pytest.fixture
def folder(app, tmp_path):
    maps = tmp_path / "maps"
    for region in ("140522", "140500", "130800"):
        (maps / region).mkdir(parents=True)
    (maps / "140522" / "阳城影像.pmtiles").write_bytes(BYTES)
    (maps / "140500" / "晋城.pmtiles").write_bytes(BYTES[:100])
    (maps / "130800" / "承德.pmtiles").write_bytes(BYTES)
    (maps / "140522" / "notes.pmtiles").write_text("no tiles")
    before = app.settings
    app.settings = replace(before, maps=maps)
    yield maps
    app.settings = before


def offered(someone):
    return [(each["region"], each["name"], each["size"]) for each in someone.get("/api/v1/maps")["packs"]]


def test_a_phone_is_offered_the_packs_of_its_region_and_of_those_around_it(cast, folder):
    county = cast.signed_in(Role.INSPECTOR)
    city = cast.signed_in(Role.INSPECTOR, region="130800")

    assert offered(county) == [("140500", "晋城", 100), ("140522", "阳城影像", len(BYTES))]
    assert offered(city) == [("130800", "承德", len(BYTES))]
    county.get("/api/v1/maps/packs/130800/承德", expect=404)
    county.get("/api/v1/maps/packs/140522/notes", expect=404)
    cast.stranger().get("/api/v1/maps", expect=401)


def test_a_download_that_was_cut_off_goes_on_and_begins_anew_when_the_pack_changed(cast, folder):
    phone = cast.signed_in(Role.INSPECTOR)
    (_, pack) = phone.get("/api/v1/maps")["packs"]
    path = f"/api/v1/maps/packs/{pack['region']}/{pack['name']}"
    on = {"Range": "bytes=1000-", "If-Range": f'"{pack["etag"]}"'}

    rest = phone.call("GET", path, headers=on)
    assert (rest.status_code, rest.data) == (206, BYTES[1000:])

    (folder / "140522" / "阳城影像.pmtiles").write_bytes(BYTES + b"newer")
    anew = phone.call("GET", path, headers=on)
    assert (anew.status_code, anew.data) == (200, BYTES + b"newer")


def test_only_with_the_bureaus_own_key_may_its_phones_ask_another_host(app, cast, folder):
    phone = cast.signed_in(Role.INSPECTOR)
    assert phone.get("/api/v1/maps")["online"] is None
    closed = cast.stranger().call("GET", "/phone/").headers["Content-Security-Policy"]

    app.settings = replace(app.settings, tianditu_key="0123abcd")

    assert phone.get("/api/v1/maps")["online"] == {"name": "天地图", "key": "0123abcd"}
    opened = cast.stranger().call("GET", "/phone/").headers["Content-Security-Policy"]
    assert "tianditu" not in closed
    assert "connect-src 'self' https://*.tianditu.gov.cn;" in opened
