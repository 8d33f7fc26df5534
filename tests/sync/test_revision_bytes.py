"""What is a revision and what is not."""

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import UnreadableRevision, read_revision, revision_id, write_revision
from tests.sync.sync_makers import REVISION, json_values, revisions

BODY = json.loads(write_revision(REVISION))


def code_of(data):
    with pytest.raises(UnreadableRevision) as refused:
        read_revision(data)
    assert refused.value.message
    return refused.value.code


def changed(**fields):
    return json.dumps({**BODY, **fields}).encode()


@given(revisions)
def test_a_revision_reads_back_as_it_was_written(revision):
    data = write_revision(revision)
    assert read_revision(data) == revision
    assert write_revision(revision) == data


def test_a_revision_is_named_by_the_hash_of_its_exact_bytes():
    data = write_revision(REVISION)
    assert revision_id(data) == "sha256:" + hashlib.sha256(data).hexdigest()
    assert revision_id(data) != revision_id(data + b" ")


def test_fields_of_a_later_app_are_ignored():
    time = {**BODY["time"], "rtt": [12, 15]}
    assert read_revision(changed(weather="雾", time=time)) == REVISION


@pytest.mark.parametrize(
    "later",
    [
        {"source": "screenshot"},
        {"source": ["camera"]},
        {"captured_mono": -1},
        {"captured_mono": 1.5},
        {"captured_boot": "a/b"},
        {"position": {**BODY["media"][0]["position"], "is_mock": "yes"}},
    ],
    ids=str,
)
def test_a_field_that_came_later_never_makes_a_revision_unreadable(later):
    media = [{**BODY["media"][0], **later}]
    assert read_revision(changed(media=media)) == REVISION


def test_a_file_says_how_and_when_by_the_forward_only_clock_it_was_captured():
    later = {"source": "gallery", "captured_mono": 99_000, "captured_boot": "boot-1"}
    place = {**BODY["media"][0]["position"], "is_mock": True}
    (entry,) = read_revision(changed(media=[{**BODY["media"][0], **later, "position": place}])).media
    assert (entry.source, entry.captured_mono, entry.captured_boot) == ("gallery", 99_000, "boot-1")
    assert entry.position.is_mock is True


@pytest.mark.parametrize("name", [name for name in BODY if name not in {"position", "prev_dev_rev"}])
def test_a_missing_field_is_named(name):
    body = {key: value for key, value in BODY.items() if key != name}
    with pytest.raises(UnreadableRevision, match=name) as refused:
        read_revision(json.dumps(body).encode())
    assert refused.value.code == "revision.missing-field"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("v", "1"),
        ("v", True),
        ("record", "not-a-uuid"),
        ("record", "urn:uuid:6f1d6f6e-2a3b-4c5d-8e9f-000000000000"),
        ("task", None),
        ("parents", ["sha256:" + "0" * 63]),
        ("parents", ["sha256:" + "A" * 64]),
        ("parents", ["sha256:" + "0" * 64] * 2),
        ("parents", [f"sha256:{n:064x}" for n in range(17)]),
        ("parents", {"0": "sha256:" + "0" * 64}),
        ("form", "../../etc/passwd"),
        ("form", ""),
        ("form", " "),
        ("form", "a" * 65),
        ("form_version", "1\n2"),
        ("author", "a\u202eb\\c"),
        ("author", 7),
        ("dev_seq", -1),
        ("dev_seq", 1.0),
        ("dev_seq", True),
        ("dev_seq", 2**53),
        ("prev_dev_rev", "sha256:short"),
        ("time", "2026-11-20T00:00:00Z"),
        ("time", {"wall": "2026-11-20T00:00:00"}),
        ("time", {"wall": "yesterday"}),
        ("time", {"wall": "0001-01-01T00:00:00+14:00"}),
        ("time", {"wall": 1767225600}),
        ("time", {"wall": "2026-11-20T00:00:00Z", "mono": -5}),
        ("position", [35.4, 112.4]),
        ("position", {"latitude": 91, "longitude": 0}),
        ("position", {"latitude": "35.4", "longitude": 0}),
        ("position", {"latitude": True, "longitude": 0}),
        ("xml", None),
        ("xml", ["<data/>"]),
        ("media", None),
        ("media", ["photo.jpg"]),
        ("media", [{**BODY["media"][0], "sha256": "sha256:" + "0f" * 32}]),
        ("media", [{**BODY["media"][0], "sha256": "0F" * 32}]),
        ("media", [{**BODY["media"][0], "name": "a/b.jpg"}]),
        ("media", [{**BODY["media"][0], "name": ".."}]),
        ("media", [{**BODY["media"][0], "size": -1}]),
        ("media", [{**BODY["media"][0], "type": "jpeg"}]),
        ("media", [BODY["media"][0]] * 2),
        ("media", [{**BODY["media"][0], "name": f"{n}.jpg"} for n in range(501)]),
    ],
)
def test_a_field_of_the_wrong_shape_is_named(name, value):
    with pytest.raises(UnreadableRevision, match=name) as refused:
        read_revision(changed(**{name: value}))
    assert refused.value.code == "revision.bad-field"


def test_five_hundred_media_and_sixteen_parents_are_allowed():
    media = [{**BODY["media"][0], "name": f"{n}.jpg"} for n in range(500)]
    parents = [f"sha256:{n:064x}" for n in range(16)]
    revision = read_revision(changed(media=media, parents=parents))
    assert (len(revision.media), len(revision.parents)) == (500, 16)


def test_a_later_version_is_told_apart_from_a_broken_revision():
    assert code_of(b'{"v":2,"everything":"else"}') == "revision.version-unknown"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'"text"',
        b"{",
        b'{"v":1}}',
        b'{"v":NaN}',
        b'{"v":-Infinity}',
        b'{"v":1,"v":1}',
        b'{"xml":"\\ud800"}',
        b'{"xml":"\\u0000"}',
        b'{"dev_seq":' + b"9" * 5000 + b"}",
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        b'{"a":' * 40 + b"1" + b"}" * 40,
    ],
)
def test_what_is_no_plain_json_object_is_not_read(data):
    assert code_of(data) == "revision.not-json"


def test_more_than_a_mebibyte_is_not_looked_at():
    assert code_of(b" " * (1024 * 1024 + 1)) == "revision.too-large"


@given(st.binary(max_size=200))
def test_garbage_raises_the_one_error(data):
    assert code_of(data).startswith("revision.")


@given(st.sampled_from(sorted(BODY)), json_values)
def test_any_value_in_any_field_is_read_or_refused_with_a_code(name, value):
    try:
        read_revision(changed(**{name: value}))
    except UnreadableRevision as error:
        code = error.code
    else:
        code = "read"
    assert code in {
        "read",
        "revision.not-json",
        "revision.missing-field",
        "revision.bad-field",
        "revision.version-unknown",
    }


DECLARED = {
    "recusal": [
        {"person": "p", "name": "卫建国", "answer": "no_interest", "at": "2026-11-26T01:00:00Z", "on": "p"},
        {"person": "q", "name": "常雨桐", "answer": "recused", "at": "2026-11-26T01:00:01Z", "on": "p"},
    ],
    "overrides": [
        {"missing": ["两名以上持证检查人员"], "reason": "换证中", "person": "p", "at": "2026-11-26T01:02:00Z"}
    ],
    "entry": {"code": "RQ-1", "how": "scanned", "person": "p", "at": "2026-11-26T01:02:00Z"},
}
MEASURED = [
    {
        "answer": "35.4 112.4",
        "began": "2026-11-26T01:00:00Z",
        "fixes": [[35.4, 112.4, 4.2, None, 0], [35.4, 112.4, 0, 7.5, 999]],
    }
]


def test_what_was_declared_and_measured_reads_back_as_it_was_written():
    read = read_revision(changed(declarations=DECLARED, measurements=MEASURED))

    assert read.declarations is not None
    assert [each.answer for each in read.declarations.recusal] == ["no_interest", "recused"]
    assert read.declarations.overrides[0].missing == ("两名以上持证检查人员",)
    assert [each.accuracy for each in read.measurements[0].fixes] == [4.2, 0]
    assert read_revision(write_revision(read)) == read
    assert read.declarations.entry is not None
    assert read.declarations.entry.code == "RQ-1"
    assert json.loads(write_revision(read))["measurements"] == MEASURED
    assert json.loads(write_revision(read))["declarations"] == DECLARED


@pytest.mark.parametrize(
    "later",
    [
        {"declarations": "none"},
        {"declarations": {"recusal": {}, "overrides": [{"missing": "all"}]}},
        {"declarations": {"recusal": [{**DECLARED["recusal"][0], "answer": "perhaps"}, 7]}},
        {"declarations": {"overrides": DECLARED["overrides"] * 51, "entry": {"code": 7}}},
        {"measurements": 7},
        {"measurements": [{**MEASURED[0], "fixes": [[91, 0, 1, None, 0]]}]},
        {"measurements": [{**MEASURED[0], "fixes": [[35.4, 112.4]]}]},
        {"measurements": [{**MEASURED[0], "fixes": MEASURED[0]["fixes"] * 31}]},
    ],
    ids=str,
)
def test_what_is_told_beside_the_answers_never_makes_a_revision_unreadable(later):
    read = read_revision(changed(**later))

    assert read.measurements == ()
    assert read.declarations is None or read.declarations.as_json() == {"recusal": [], "overrides": []}
    assert read.xml == REVISION.xml
