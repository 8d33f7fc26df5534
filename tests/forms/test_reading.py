"""Hostile and broken instances end fast with a reason; good ones give typed answers."""

import json
import time
import tracemalloc
from datetime import date
from decimal import Decimal

import pytest

from forms import ExpectedMedia, Geopoint, UnreadableInstance, parse_instance, read_answers

BOMB = (
    b'<!DOCTYPE data [<!ENTITY a "ha">'
    + b"".join(b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9))
    + b"]><data>&j;</data>"
)


@pytest.mark.parametrize(
    ("xml", "reason_code"),
    [
        (BOMB, "xml.doctype"),
        (b"<!DOCTYPE data><data/>", "xml.doctype"),
        (b'<!DOCTYPE data SYSTEM "file:///etc/passwd"><data/>', "xml.doctype"),
        (b"<a>" * 3_400_000, "xml.too-large"),
        (b"<a>" * 600_000, "xml.too-deep"),
        (b"<a>" * 41 + b"</a>" * 41, "xml.too-deep"),
        (b"<a>" + b"<b/>" * 400_000 + b"</a>", "xml.too-many-elements"),
        (b"<a " + b" ".join(b'a%d=""' % n for n in range(65)) + b"/>", "xml.too-many-attributes"),
        ("<data/>".encode("utf-16"), "xml.not-utf8"),
        ("<data/>".encode("utf-16-le"), "xml.not-utf8"),
        (b'<?xml version="1.0" encoding="GB18030"?><data/>', "xml.not-utf8"),
        (b"<data>\xc4\xe3</data>", "xml.not-utf8"),
        (b"<data>\x08</data>", "xml.control-characters"),
        (b"<data>&#8;</data>", "xml.malformed"),
        (b"<data>&nbsp;</data>", "xml.malformed"),
        (b"<data><a></data>", "xml.malformed"),
        (b"<data/><data/>", "xml.malformed"),
        (b"<data><a>1</a", "xml.malformed"),
        (b"", "xml.malformed"),
        (b"\x89PNG", "xml.not-utf8"),
    ],
)
def test_a_hostile_instance_is_refused_quickly_and_cheaply(xml, reason_code):
    tracemalloc.start()
    begun = time.process_time()
    with pytest.raises(UnreadableInstance) as refusal:
        parse_instance(xml)
    took = time.process_time() - begun
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refusal.value.reason_code == reason_code
    assert refusal.value.message
    assert refusal.value.message_en
    assert took < 2
    assert peak < 40_000_000


def test_forty_levels_and_sixty_four_attributes_are_still_read():
    attributes = b" ".join(b'a%d=""' % n for n in range(64))
    assert parse_instance(b"<a>" * 39 + b"<b " + attributes + b"/>" + b"</a>" * 39).root_name == "a"


def test_comments_and_instructions_are_dropped():
    instance = parse_instance(b'<?xml version="1.0"?><?a b?><data id="x"><!-- <a/> --><b>1</b></data>')
    assert [child.tag for child in instance.root] == ["b"]


def test_an_instance_tells_who_it_is(small, compose):
    instance = parse_instance(compose(small, {}, deprecated_id="uuid:old"))
    assert (instance.form_id, instance.version) == ("small", "7")
    assert (instance.instance_id, instance.deprecated_id) == ("uuid:5f0c", "uuid:old")


def test_meta_is_found_in_any_namespace():
    xml = (
        b'<data xmlns="http://www.w3.org/2002/xforms" id="x"><orx:meta xmlns:orx="http://openrosa.org/xforms">'
        b"<orx:instanceID>uuid:1</orx:instanceID></orx:meta></data>"
    )
    assert parse_instance(xml).instance_id == "uuid:1"


def test_answers_are_typed_and_repeats_are_numbered(mine, compose):
    flat = read_answers(mine, parse_instance(compose(mine))).flat()
    assert flat["/data/markers[1]/intact"] == ("broken", "tilted")
    assert flat["/data/markers[2]/photo_far"] == "j2-far.jpg"
    assert flat["/data/points[1]/elevation_m"] == Decimal("815.20")
    assert flat["/data/points[1]/position"] == Geopoint(35.4871, 112.4149, 715.5, 3.8)
    assert flat["/data/markers[1]/restore_deadline"] == date(2026, 10, 15)
    assert flat["/data/start"].tzinfo is not None
    assert "/data/markers[2]/meas" not in flat


def test_answers_can_be_shown_in_both_languages(mine, compose):
    answers = read_answers(mine, parse_instance(compose(mine)))
    condition = answers.get("/data/markers[1]/intact")
    assert condition.question.labels["zh"] == "完好情况"
    assert condition.display("zh") == "破损、倾斜"
    assert condition.display("en") == "Broken、Tilted"
    assert answers.get("/data/mine/status").display() == "生产"
    assert answers.get("/data/nothing") is None


def test_answers_survive_json(shipped, compose):
    answers = read_answers(shipped, parse_instance(compose(shipped)))
    shown = json.loads(json.dumps(answers.as_json(), ensure_ascii=False))
    assert shown["form_id"] == shipped.form_id
    assert shown["answers"]["path"] == "/data"
    names = [child["name"] for child in shown["answers"]["children"]]
    assert "conclusions" in names
    assert "sign" in names


def test_every_expected_file_is_named_with_its_kind(mine, compose):
    media = read_answers(mine, parse_instance(compose(mine))).media()
    assert ExpectedMedia("/data/markers[1]/photo_near", "j1-near.jpg", "image") in media
    assert ExpectedMedia("/data/sign/company", "sign-3.png", "signature") in media
    assert len(media) == 10


def test_the_audit_log_of_a_collecting_app_is_expected_too(small, compose):
    xml = compose(small, {}).replace(b"</meta>", b"<audit>audit.csv</audit></meta>")
    assert read_answers(small, parse_instance(xml)).media() == [
        ExpectedMedia("/data/meta/audit", "audit.csv", "audit")
    ]


def test_more_than_two_hundred_rows_of_a_repeat_cannot_be_read(small, compose):
    read_answers(small, parse_instance(compose(small, {"/data/rows": [{"note": "a"}] * 200})))
    with pytest.raises(UnreadableInstance, match=r"xml\.too-many-repeats"):
        read_answers(small, parse_instance(compose(small, {"/data/rows": [{"note": "a"}] * 201})))


def test_a_value_of_a_wrong_type_keeps_its_text(small, compose):
    answer = read_answers(small, parse_instance(compose(small, {"/data/count": "viele"}))).get("/data/count")
    assert (answer.value, answer.text) == (None, "viele")


def test_the_pattern_of_a_repeat_left_in_an_instance_is_no_row(small, compose):
    xml = compose(small, {"/data/rows": [{"note": "first"}]}).replace(
        b"<rows>", b'<rows xmlns:jr="http://openrosa.org/javarosa" jr:template=""><note/></rows><rows>'
    )
    answers = read_answers(small, parse_instance(xml)).flat()
    assert answers["/data/rows[1]/note"] == "first"
