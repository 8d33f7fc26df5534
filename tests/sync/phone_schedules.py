"""Whatever may happen to a phone, drawn at random.

What is drawn are sketches, which become events when the phone has come to them: most replies are to what it would ask
for, so that a schedule leads somewhere; the others are late, of another epoch, or about nothing.
"""

from dataclasses import replace

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
    PhoneState,
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
    step,
)
from tests.sync.phone_makers import answer, drop, held, milliseconds, page, put, reply, unknown
from tests.sync.phone_stories import BROUGHT, MANY, OTHERS, PHOTO, SIGNED, VIDEO, A, B, C, D
from tests.sync.sync_makers import TASK

OWN = (A, B, C, D, SIGNED, *MANY[:4])
KINDS = ["push", "pull", "reoffer", "status", "digest", "media", "media_status"]
NOWS = st.sampled_from([milliseconds(day) for day in (0, 29, 40, 90)])

often = st.sampled_from([True] * 7 + [False])
sometimes = st.sampled_from([False] * 7 + [True])
few = st.lists(st.integers(0, 9), max_size=6, unique=True)
shas = st.sampled_from([PHOTO, VIDEO])
feeds = st.sampled_from([{}, {}, {"via": "forms"}, {"via": "north"}])
names = st.sampled_from([str(TASK), str(A.record), str(OTHERS.record), "t1", "t2", "t3", "南", "𠮷"])
kinds = st.sampled_from(["task", "task", "record", "form"])
puts = st.builds(lambda name, n, kind, via: put(name, n, kind, **via), names, st.integers(1, 6), kinds, feeds)
drops = st.builds(lambda name, kind, via: drop(name, kind, **via), names, kinds, feeds)
items = puts | puts | drops | st.sampled_from(["forms", "north"]).map(lambda name: drop(name, "channel"))
outcomes = st.sampled_from(["accepted"] * 5 + ["accepted_late", "quarantined", "op_reuse", "retry"])
missing = st.sampled_from([(), (), ("sha256:" + VIDEO,)])


def picked(numbers, choices):
    """Some of what there is, by drawn numbers."""
    return [choices[number % len(choices)] for number in numbers] if choices else []


def epoch_of(state, right):
    """The phone's epoch, or the one before it."""
    return state.epoch if right else f"E{int((state.epoch or 'E2')[1:]) - 1}"


def next_epoch(state, right):
    return state.epoch if right else f"E{int((state.epoch or 'E1')[1:]) + 1}"


@st.composite
def pages(draw):
    these, more = draw(st.lists(items, max_size=5)), draw(sometimes)
    asked, here, same, at = draw(often), draw(often), draw(often), draw(st.sampled_from("abc"))
    durable, day = draw(st.integers(0, 9)), draw(st.sampled_from([None, 0, 1, 2, 3, 4, 31, 33, 60]))
    return lambda state: page(
        *these,
        at=state.cursor if here else at,
        to=at,
        more=more,
        epoch=next_epoch(state, same),
        asked_in=epoch_of(state, asked),
        durable=durable,
        days=day,
    )


@st.composite
def push_replies(draw):
    told = draw(
        st.lists(st.tuples(st.integers(0, 9), outcomes, st.integers(1, 9), missing, sometimes), max_size=5)
    )
    asked, same, stray = draw(often), draw(often), draw(sometimes)

    def event(state):
        ops = OWN if stray else state.outbox
        answers = [
            answer(ops[number % len(ops)], outcome, seq, media_missing=lacks)
            | ({"content": OTHERS.content + "x"} if odd else {})
            for number, outcome, seq, lacks, odd in told
            if ops
        ]
        return reply(*answers, epoch=next_epoch(state, same), asked_in=epoch_of(state, asked))

    return event


@st.composite
def refusals(draw):
    what, numbers, asked, alone = (
        draw(st.sampled_from(["push"] * 6 + KINDS)),
        draw(few),
        draw(often),
        draw(st.booleans()),
    )
    status, stray = draw(st.sampled_from([400, 400, 400, 413, 413, 401, 403, 426])), draw(sometimes)

    def event(state):
        ops = picked(numbers, OWN if stray else state.sendable)[: 1 if alone else 9]
        return Refused(epoch_of(state, asked), what, status, tuple(dict.fromkeys(op.op for op in ops)))

    return event


@st.composite
def reoffer_replies(draw):
    offered, lacks, asked, same = draw(few), draw(few), draw(often), draw(often)

    def event(state):
        revs = sorted(state.to_reoffer) or [A.rev, OTHERS.rev]
        given, gone = (tuple(dict.fromkeys(picked(numbers, revs))) for numbers in (offered, lacks))
        return ReofferReplied(epoch_of(state, asked), next_epoch(state, same), given, gone)

    return event


@st.composite
def status_replies(draw):
    told = draw(
        st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.integers(1, 9), sometimes), max_size=5)
    )
    asked, same = draw(often), draw(often)

    def event(state):
        ops = [op for op in state.ops if op.op in state.unconfirmed] or list(OWN)
        answers = [
            (unknown(op) if lost else answer(op, seq=seq)) | ({"content": "sha256:other"} if odd else {})
            for number, lost, seq, odd in told
            for op in [ops[number % len(ops)]]
        ]
        return StatusReplied(epoch_of(state, asked), {"epoch": next_epoch(state, same), "items": answers})

    return event


@st.composite
def digests(draw):
    lost, more = draw(few), draw(st.lists(puts, max_size=3))
    asked, same, here, stale = draw(often), draw(often), draw(often), draw(sometimes)

    def event(state):
        rows = sorted(state.view.rows())
        rows = [row for number, row in enumerate(rows) if number not in lost]
        rows += [(each.get("via", "me"), each["kind"], each["id"], each["n"]) for each in more]
        told = {"epoch": next_epoch(state, same), "stale": stale, "buckets": [] if stale else digest(rows)}
        return DigestReplied(epoch_of(state, asked), state.cursor if here else "z", told)

    return event


@st.composite
def buckets(draw):
    number, these, asked, here = (
        draw(st.integers(0, 15)),
        draw(st.lists(puts, max_size=8)),
        draw(often),
        draw(often),
    )
    same, right = draw(often), draw(often)

    def event(state):
        wanted = picked([number], sorted(state.to_repair)) if right else [number]
        one = wanted[0] if wanted else number
        told = [each for each in these if bucket_of(each["kind"], each["id"]) == one] if right else these
        body = {"epoch": next_epoch(state, same), "items": told}
        return BucketReplied(epoch_of(state, asked), state.cursor if here else "z", one, body)

    return event


@st.composite
def media_news(draw):
    news, sha256 = draw(st.sampled_from([MediaStored, MediaDurable, MediaDurable, MediaAbsent])), draw(shas)
    asked, tells = draw(often), draw(often)
    return lambda state: (
        news(sha256, epoch_of(state, asked)) if tells or news is not MediaStored else MediaStored(sha256)
    )


def always(strategy):
    """An event that is the same whatever the phone has come to."""
    return strategy.map(lambda event: lambda _: event)


happenings = st.one_of(
    always(st.builds(Woken, st.sampled_from([None, 1, 2, 130_000, 9_000_000]))),
    st.builds(
        lambda user, same, limits: lambda state: LoggedIn(user, next_epoch(state, same) or "E1", limits),
        st.sampled_from(["inspector1"] * 5 + ["inspector2"]),
        often,
        st.sampled_from([None, {"push_items": 2}, {"push_bytes": 2500, "retention_days": 1}]),
    ),
    always(st.builds(Drafted, st.sampled_from([A.record, OTHERS.record]), st.just(TASK))),
    always(st.builds(Sealed, st.sampled_from(OWN))),
    always(st.builds(Sealed, st.sampled_from(OWN))),
    st.builds(
        lambda op, asked: lambda state: held(op, epoch_of(state, asked)), st.sampled_from([OTHERS, C]), often
    ),
    always(st.builds(Sealed, st.sampled_from([BROUGHT, replace(BROUGHT, media=(PHOTO, VIDEO))]))),
    always(st.builds(Released, st.sampled_from([OTHERS.rev, C.rev]))),
    st.builds(
        lambda number, whole, now: (
            lambda state: Pruned(
                *[op.record if whole and op.record else op.op for op in picked([number], state.ops or OWN)],
                now,
            )
        ),
        st.integers(0, 9),
        st.booleans(),
        NOWS,
    ),
    always(st.just(CacheEvicted())),
    always(st.builds(Throttled, st.sampled_from(KINDS), st.sampled_from([2, 5000, 140_000, 99_999_999]))),
)
epochs = st.one_of(
    st.builds(
        lambda asked: lambda state: EpochRefused(epoch_of(state, asked), next_epoch(state, False)), often
    ),
    st.builds(
        lambda asked, here, same, reset: (
            lambda state: PullReset(
                epoch_of(state, asked), state.cursor if here else "z", next_epoch(state, same), reset
            )
        ),
        often,
        often,
        often,
        st.sampled_from(["epoch", "horizon", "user"]),
    ),
)
sketches = st.one_of(
    happenings,
    happenings,
    epochs,
    pages(),
    pages(),
    push_replies(),
    push_replies(),
    refusals(),
    reoffer_replies(),
    status_replies(),
    digests(),
    buckets(),
    media_news(),
)


def told(sketched):
    """Let sketches become events, each where the phone has come to."""
    state, events = PhoneState(), []
    for sketch in (lambda _: LoggedIn("inspector1", "E1"), lambda _: Sealed(A), *sketched):
        event = sketch(state)
        events.append(event)
        try:
            state, _ = step(state, event)
        except ValueError:
            continue
    return events


schedules = st.lists(sketches, min_size=10, max_size=30).map(told)
