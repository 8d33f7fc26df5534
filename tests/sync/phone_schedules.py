"""Whatever may happen to a phone, drawn at random: few names, so that things meet."""

from hypothesis import strategies as st

from sync import (
    BucketReplied,
    CacheEvicted,
    DigestReplied,
    Drafted,
    EpochRefused,
    LoggedIn,
    MediaAbsent,
    MediaDurable,
    MediaStored,
    Pruned,
    PullReset,
    Refused,
    Released,
    ReofferReplied,
    Sealed,
    StatusReplied,
    Throttled,
    Woken,
    bucket_of,
    digest,
)
from tests.sync.phone_makers import answer, drop, held, milliseconds, page, put, reply, unknown
from tests.sync.phone_stories import MANY, OTHERS, PHOTO, SIGNED, VIDEO, A, B, C
from tests.sync.sync_makers import TASK

OWN = (A, B, C, SIGNED, *MANY[:3])
OPS = (*OWN, OTHERS)
REVS = [op.rev for op in OPS if op.kind == "revision"]
KINDS = ["push", "pull", "reoffer", "status", "digest", "media", "media_status"]
# Most of the time nothing of interest is wrong with a reply: what a schedule is about should happen often.
epochs = st.sampled_from(["E1"] * 6 + ["E2"] * 2 + ["E3"])
cursors = st.sampled_from([None, "c1", "c1", "c2"])
ops = st.sampled_from(OPS)
some_ops = st.lists(ops, unique_by=lambda op: op.op, max_size=6)
revs = st.lists(st.sampled_from(REVS), unique=True, max_size=6).map(tuple)
shas = st.sampled_from([PHOTO, VIDEO])
feeds = st.sampled_from([{}, {}, {"via": "forms"}, {"via": "north"}])
names = st.sampled_from([str(TASK), str(A.record), "t1", "t2", "t3", "南"])
kinds = st.sampled_from(["task", "task", "record", "form"])
puts = st.builds(lambda name, n, kind, via: put(name, n, kind, **via), names, st.integers(1, 4), kinds, feeds)
drops = st.builds(lambda name, kind, via: drop(name, kind, **via), names, kinds, feeds)
items = puts | drops | st.sampled_from(["forms", "north"]).map(lambda name: drop(name, "channel"))
days = st.sampled_from([None, 0, 0.5, 1, 1.5, 2, 31, 33])
outcomes = st.sampled_from(
    ["accepted"] * 4 + ["accepted_late", "quarantined", "op_reuse", "retry"],
)
answers = st.builds(
    lambda op, outcome, seq, missing, other: (
        answer(op, outcome, seq, media_missing=missing) | ({"content": B.content} if other else {})
    ),
    ops,
    outcomes,
    st.integers(1, 9),
    st.sampled_from([(), (), ("sha256:" + VIDEO,)]),
    st.sampled_from([False] * 9 + [True]),
)
NOWS = st.sampled_from([milliseconds(day) for day in (0, 29, 40)])


def digests(rows, at, epoch, asked, stale):
    told = (
        [] if stale else digest((each.get("via", "me"), each["kind"], each["id"], each["n"]) for each in rows)
    )
    return DigestReplied(asked, at, {"epoch": epoch, "stale": stale, "buckets": told})


def buckets(number, rows, at, epoch, asked):
    mine = [each for each in rows if bucket_of(each["kind"], each["id"]) == number or len(rows) > 4]
    return BucketReplied(asked, at, number, {"epoch": epoch, "items": mine})


happenings = st.one_of(
    st.builds(Woken, st.sampled_from([None, 1, 2, 130_000, 9_000_000])),
    st.builds(
        LoggedIn,
        st.sampled_from(["inspector1"] * 4 + ["inspector2"]),
        epochs,
        st.sampled_from([None, None, {"push_items": 2}, {"push_bytes": 2500, "retention_days": 1}]),
    ),
    st.builds(Drafted, st.sampled_from([A.record, OTHERS.record]), st.just(TASK)),
    st.builds(Sealed, st.sampled_from(OWN)),
    st.builds(held, st.sampled_from([OTHERS, C]), epochs),
    st.builds(Released, st.sampled_from(REVS)),
    st.builds(Pruned, st.sampled_from([A.op, A.record, B.op, C.op, OTHERS.op]), NOWS),
    st.just(CacheEvicted()),
)
replies = st.one_of(
    st.builds(
        lambda these, at, to, more, e, asked, durable, day: page(
            *these, at=at, to=to, more=more, epoch=e, asked_in=asked, durable=durable, days=day
        ),
        st.lists(items, max_size=5),
        cursors,
        cursors.filter(bool),
        st.booleans(),
        epochs,
        epochs,
        st.integers(0, 9),
        days,
    ),
    st.builds(PullReset, epochs, cursors, epochs, st.sampled_from(["epoch", "horizon", "user"])),
    st.builds(
        lambda these, e, asked: reply(*these, epoch=e, asked_in=asked),
        st.lists(answers, max_size=4),
        epochs,
        epochs,
    ),
    st.builds(EpochRefused, epochs, epochs),
    st.builds(ReofferReplied, epochs, epochs, revs, revs),
    st.builds(
        lambda these, e, asked: StatusReplied(asked, {"epoch": e, "items": these}),
        st.lists(answers | ops.map(unknown), max_size=4),
        epochs,
        epochs,
    ),
    st.builds(
        digests, st.lists(puts, max_size=5), cursors, epochs, epochs, st.sampled_from([False] * 4 + [True])
    ),
    st.builds(buckets, st.integers(0, 15), st.lists(puts, max_size=8), cursors, epochs, epochs),
    st.builds(MediaStored, shas, st.none() | epochs),
    st.builds(MediaDurable, shas, epochs),
    st.builds(MediaAbsent, shas, epochs),
    st.builds(
        lambda asked, what, code, these: Refused(asked, what, code, tuple(op.op for op in these)),
        epochs,
        st.sampled_from(["push"] * 4 + KINDS),
        st.sampled_from([400, 400, 413, 413, 401, 403, 426]),
        some_ops | ops.map(lambda op: [op]),
    ),
    st.builds(Throttled, st.sampled_from(KINDS), st.sampled_from([2, 5000, 140_000, 99_999_999])),
)
events = happenings | replies | replies
schedules = st.lists(events, max_size=30).map(
    lambda these: [LoggedIn("inspector1", "E1"), Sealed(A), Sealed(B), *these]
)
