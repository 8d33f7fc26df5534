"""Made-up work of made-up phones, for the tests of `sync`."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid5

from hypothesis import strategies as st

from sync import MediaEntry, Position, Revision, RevisionTime, SealedOp, generate_device_key, seal_revision

KEY = generate_device_key()
MORNING = datetime(2026, 11, 20, 1, 2, 3, 456000, tzinfo=UTC)
SPACE = UUID("6f1d6f6e-2a3b-4c5d-8e9f-000000000000")
TASK = uuid5(SPACE, "task")
RECORD = uuid5(SPACE, "record")
REV = "sha256:" + "ab" * 32

REVISION = Revision(
    record=RECORD,
    parents=(),
    task=TASK,
    form="mine_overstep",
    form_version="2026.1",
    author="inspector1",
    device=uuid5(SPACE, "device"),
    dev_seq=1,
    prev_dev_rev=None,
    time=RevisionTime(MORNING, 120_000, "boot-1", "b.c", 60_000),
    position=Position(35.48, 112.41, 4.5, 730.2, MORNING),
    xml="<data><result>界桩完好</result></data>",
    media=(MediaEntry("marker1.jpg", "0f" * 32, 120_000, "image/jpeg", MORNING, Position(35.4, 112.4)),),
)


def op_of(name: str, key=KEY, **changes) -> SealedOp:
    """A signed revision of a name: the same name and changes are the same bytes under the same op id."""
    revision = replace(REVISION, **{"record": uuid5(SPACE, "record of " + name), **changes})
    return seal_revision(revision, key, op=uuid5(SPACE, "op of " + name))


shas = st.integers(0, 2**256 - 1).map(lambda number: f"{number:064x}")
rev_ids = shas.map(lambda text: "sha256:" + text)
names = st.text("abcXYZ 界桩._-9", min_size=1, max_size=30).filter(
    lambda text: text.strip() and text not in {".", ".."}
)
moments = st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))
integers = st.integers(0, 2**53 - 1)
positions = st.builds(
    Position,
    st.floats(-90, 90),
    st.floats(-180, 180),
    st.none() | st.floats(0, 1e6),
    st.none() | st.floats(-1e5, 1e5),
    st.none() | moments,
    st.none() | st.booleans(),
)
media = st.builds(
    MediaEntry,
    names,
    shas,
    st.integers(0, 1 << 40),
    st.sampled_from(["image/jpeg", "video/mp4"]),
    st.none() | moments,
    st.none() | positions,
    st.none() | integers,
    st.none() | names,
    st.none() | st.sampled_from(["camera", "gallery"]),
)
revisions = st.builds(
    Revision,
    record=st.uuids(),
    parents=st.lists(rev_ids, max_size=16, unique=True).map(tuple),
    task=st.uuids(),
    form=names,
    form_version=names,
    author=names,
    device=st.uuids(),
    dev_seq=integers,
    prev_dev_rev=st.none() | rev_ids,
    time=st.builds(
        RevisionTime,
        moments,
        st.none() | integers,
        st.none() | names,
        st.none() | names,
        st.none() | integers,
    ),
    position=st.none() | positions,
    xml=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200),
    media=st.lists(media, max_size=3, unique_by=lambda entry: entry.name).map(tuple),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
