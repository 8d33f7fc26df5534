"""Stories of phones: each a list of events, told to the phone in both its languages."""

from dataclasses import replace

from sync import (
    BucketReplied,
    CacheEvicted,
    DigestReplied,
    Drafted,
    EpochRefused,
    LoggedIn,
    MediaAbsent,
    MediaDurable,
    MediaEntry,
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
    state_as_json,
)
from tests.sync.phone_makers import (
    after,
    answer,
    attested,
    drop,
    held,
    milliseconds,
    page,
    phone,
    put,
    reply,
    unknown,
)
from tests.sync.sync_makers import TASK, op_of

PHOTO, VIDEO = "11" * 32, "22" * 32
IN = LoggedIn("inspector1", "E1")
NEW = EpochRefused("E1", "E2")
MINUTE = 60_000


def short(name, *shas, **changes):
    """An unsigned revision with these files: the same bytes at every run."""
    media = tuple(MediaEntry(sha[:4] + ".jpg", sha, 9, "image/jpeg") for sha in shas)
    return op_of(name, None, xml="<d/>", position=None, media=media, **changes)


A, B, C, D = short("a", PHOTO), short("b"), short("c", VIDEO), short("d", PHOTO)
OTHERS = short("others", VIDEO, author="inspector2")
SIGNED = attested(A.rev)
RECORD = str(A.record)
BACK = after(phone(), held(OTHERS), NEW, ReofferReplied("E2", "E2", (OTHERS.rev,), (OTHERS.rev,))).ops[0]
BROUGHT = replace(BACK, media=(VIDEO,))
GIVEN_BACK = answer(BACK, media_missing=("sha256:" + VIDEO,))


def sums(*items):
    """The server's sums over these items."""
    return digest((each.get("via", "me"), each["kind"], each["id"], each["n"]) for each in items)


def digested(*items, at="c2", epoch="E1", asked_in="E1", stale=False):
    buckets = [] if stale else sums(*items)
    return DigestReplied(asked_in, at, {"epoch": epoch, "stale": stale, "buckets": buckets})


def bucket(number, *items, at="c2", epoch="E1", asked_in="E1"):
    return BucketReplied(asked_in, at, number, {"epoch": epoch, "items": list(items)})


def refused(status, *ops, what="push", asked_in="E1"):
    return Refused(asked_in, what, status, tuple(op.op for op in ops))


def status(*answers, epoch="E2", asked_in="E2"):
    return StatusReplied(asked_in, {"epoch": epoch, "items": list(answers)})


def pushed(*ops, seq=5):
    return reply(*(answer(op, seq=seq) for op in ops))


SEEN = [put(f"t{number}", number + 1) for number in range(6)]
READ = [IN, page(*SEEN, to="c1", days=0)]
A_DAY_LATER = [*READ, page(to="c2", at="c1", days=1)]
ONE = bucket_of("task", "t1")
KEPT = [IN, Sealed(A), pushed(A)]
SETTLED = [*KEPT, page(durable=9, days=31), MediaDurable(PHOTO, "E1")]
LATE = milliseconds(40)
MANY = [short(f"m{number}", dev_seq=number) for number in range(9)]
CROWD = [put(f"x{number}") for number in range(40)]

STORIES = {
    "nobody signed in": [Woken(1)],
    "waking pushes, pulls and uploads": [IN, Sealed(A), Woken(1)],
    "waking twice asks once": [IN, Sealed(A), Woken(1), Woken(2), Woken(1 + 2 * MINUTE)],
    "a clock that goes back does not silence a phone": [IN, Woken(9 * MINUTE), Woken(1)],
    "a pull of two pages stays one": [
        IN,
        Woken(1),
        page(put("t1"), to="c1", more=True),
        Woken(2),
        page(put("t2"), at="c1", to="c2"),
        Woken(3),
    ],
    "another person": [IN, LoggedIn("inspector2", "E1")],
    "limits at sign-in": [
        LoggedIn("inspector1", "E1", {"push_items": 2, "push_bytes": 9000, "retention_days": 7, "other": 1}),
        *(Sealed(op) for op in MANY),
        Woken(1),
    ],
    "small pushes by bytes": [
        LoggedIn("inspector1", "E1", {"push_bytes": 1024 + 2 * MANY[0].size + 10}),
        *(Sealed(op) for op in MANY),
        Woken(1),
    ],
    "a push goes on until nothing is left": [IN, *map(Sealed, MANY), pushed(*MANY[:4]), pushed(*MANY[4:])],
    "drafts become work": [IN, Drafted(A.record, TASK), Sealed(A), Sealed(SIGNED)],
    "sealed twice": [IN, Sealed(A), Sealed(A), Sealed(replace(B, op=A.op)), Sealed(SIGNED), Sealed(SIGNED)],
    "an answer for other content": [IN, Sealed(A), reply(answer(A) | {"content": B.content})],
    "a spent id": [IN, Sealed(A), Sealed(B), reply(answer(A, "op_reuse")), pushed(B), Woken(1)],
    "two answers for one operation": [
        IN,
        Sealed(A),
        Sealed(B),
        reply(answer(A, "op_reuse"), answer(A), answer(B), answer(B, "op_reuse")),
    ],
    "retry is no progress": [IN, Sealed(A), reply(answer(A, "retry"))],
    "missing files": [
        IN,
        Sealed(A),
        reply(answer(A, media_missing=("sha256:" + VIDEO,))),
        MediaStored(VIDEO),
    ],
    "late and quarantined are safe": [
        IN,
        Sealed(A),
        Sealed(B),
        reply(answer(A, "accepted_late", flags=("task_withdrawn",)), answer(B, "quarantined", reason="x.y")),
    ],
    "items and cursor together": [IN, page(put("t1"), put("f", kind="form", via="forms"), more=True)],
    "a page from another cursor": [*READ, page(put("t9"), at=None, to="c9")],
    "a page of another epoch": [*KEPT, page(put("t1"), epoch="E2")],
    "a page of a dead epoch": [*KEPT, NEW, page(put("t1"))],
    "a drop with work on it": [
        IN,
        page(put(TASK), put("t2"), put(RECORD, kind="record")),
        Sealed(A),
        page(drop(TASK), drop("t2"), drop(RECORD, kind="record"), at="c1", to="c2"),
        page(put(TASK, 12), at="c2", to="c3"),
        pushed(A),
        page(at="c3", to="c4"),
    ],
    "two feeds": [
        IN,
        page(put("f", 3, "form", via="north"), put("f", 5, "form", via="south"), put("f", 4, "form")),
        page(drop("north", "channel"), drop("f", "form", via="south"), at="c1", to="c2"),
        page(drop("f", "form"), at="c2", to="c3"),
    ],
    "older news": [IN, page(put("t1", 5)), page(put("t1", 4, via="north"), at="c1", to="c2")],
    "a sweep keeps what it met": [
        *READ,
        PullReset("E1", "c1", "E1", "horizon"),
        page(put("t1", 1), put("t2", 9), put("t3", 2), drop("t2"), to="d1", more=True),
        page(put("t7"), drop("t3"), put("t3", 1), at="d1", to="d2", days=2),
    ],
    "a late reset": [*READ, PullReset("E1", None, "E1", "horizon")],
    "a lost cache": [*READ, Sealed(A), CacheEvicted(), page(put("t1"), to="d1", days=0)],
    "a new epoch offers, asks again and pushes what was lost": [
        IN,
        *map(Sealed, (A, SIGNED, B, C)),
        pushed(A, SIGNED, B),
        MediaStored(PHOTO, "E1"),
        NEW,
        Woken(1),
        ReofferReplied("E2", "E2", tuple(sorted((A.rev, B.rev))), (A.rev,)),
        reply(answer(A, seq=2), answer(SIGNED), answer(C), epoch="E2", asked_in="E2"),
        Woken(5 * MINUTE),
        status(answer(B, seq=3), unknown(A)),
    ],
    "unknown in the new epoch": [
        *KEPT,
        NEW,
        ReofferReplied("E2", "E2", (A.rev,), ()),
        Woken(1),
        status(unknown(A)),
        status(unknown(A)),
        reply(answer(A, seq=7), epoch="E2", asked_in="E2"),
        status(unknown(A)),
    ],
    "an id that the restored server knows for something else": [
        *KEPT,
        NEW,
        ReofferReplied("E2", "E2", (A.rev,), ()),
        status(answer(A) | {"content": B.content}),
    ],
    "two epochs": [*KEPT, Sealed(B), NEW, EpochRefused("E2", "E3"), PullReset("E3", None, "E3", "epoch")],
    "replies of a dead epoch": [
        *KEPT,
        NEW,
        pushed(A),
        NEW,
        ReofferReplied("E1", "E1", (A.rev,), (A.rev,)),
        status(unknown(A), asked_in="E1"),
        digested(asked_in="E1"),
        bucket(0, asked_in="E1"),
        refused(401, what="pull"),
        MediaStored(PHOTO, "E1"),
        MediaDurable(PHOTO, "E1"),
        MediaAbsent(PHOTO, "E1"),
    ],
    "files after a restore": [
        *KEPT,
        MediaStored(PHOTO, "E1"),
        NEW,
        MediaAbsent(PHOTO, "E2"),
        MediaDurable(PHOTO, "E2"),
    ],
    "signing in to a restored server": [*KEPT, LoggedIn("inspector1", "E2")],
    "others' work is held and given back": [
        IN,
        held(OTHERS),
        held(OTHERS),
        Sealed(A),
        held(A),
        NEW,
        ReofferReplied("E2", "E2", (OTHERS.rev,), (OTHERS.rev,)),
        reply(GIVEN_BACK, epoch="E2", asked_in="E2"),
        EpochRefused("E2", "E3"),
    ],
    "others' work that is there still": [
        IN,
        held(OTHERS),
        NEW,
        ReofferReplied("E2", "E2", (OTHERS.rev,), ()),
    ],
    "others' work that is given back twice": [
        IN,
        held(OTHERS),
        NEW,
        ReofferReplied("E2", "E2", (OTHERS.rev,), (OTHERS.rev,)),
        reply(answer(BACK, seq=5), epoch="E2", asked_in="E2"),
        page(durable=5, days=31, epoch="E2", asked_in="E2"),
        Pruned(BACK.op, LATE),
        held(OTHERS, "E2"),
        EpochRefused("E2", "E3"),
        ReofferReplied("E3", "E3", (OTHERS.rev,), (OTHERS.rev,)),
    ],
    "others' work that is brought with one of its files": [
        IN,
        Drafted(OTHERS.record, TASK),
        Sealed(A),
        Sealed(BROUGHT),
        Sealed(BROUGHT),
        reply(answer(BROUGHT, seq=5, media_missing=("sha256:" + VIDEO, "sha256:" + PHOTO))),
        MediaStored(VIDEO, "E1"),
        NEW,
        ReofferReplied("E2", "E2", (BROUGHT.rev,), (BROUGHT.rev,)),
        MediaAbsent(VIDEO, "E2"),
        reply(answer(BROUGHT, seq=3), epoch="E2", asked_in="E2"),
        MediaDurable(VIDEO, "E2"),
        page(durable=5, days=31, epoch="E2", asked_in="E2"),
        Pruned(BROUGHT.op, LATE),
    ],
    "others' work that is held already, and is brought": [
        IN,
        held(OTHERS),
        Sealed(BROUGHT),
        NEW,
        ReofferReplied("E2", "E2", (OTHERS.rev,), (OTHERS.rev,)),
        reply(answer(BROUGHT, seq=3), epoch="E2", asked_in="E2"),
    ],
    "others' work that was given back, and is brought with its files": [
        IN,
        held(OTHERS),
        NEW,
        ReofferReplied("E2", "E2", (OTHERS.rev,), (OTHERS.rev,)),
        reply(GIVEN_BACK, epoch="E2", asked_in="E2"),
        Sealed(BROUGHT),
        Sealed(BROUGHT),
        MediaStored(VIDEO, "E2"),
        EpochRefused("E2", "E3"),
        ReofferReplied("E3", "E3", (OTHERS.rev,), (OTHERS.rev,)),
        MediaDurable(VIDEO, "E3"),
        Sealed(replace(BROUGHT, media=(PHOTO,))),
        reply(answer(BACK, seq=5), epoch="E3", asked_in="E3"),
        page(durable=5, days=31, epoch="E3", asked_in="E3"),
        Pruned(BACK.op, LATE),
        MediaDurable(PHOTO, "E3"),
        Pruned(BACK.op, LATE),
        Sealed(BROUGHT),
    ],
    "others' work whose id was somebody else's, and that is brought again": [
        IN,
        Sealed(BROUGHT),
        reply(answer(BROUGHT, "op_reuse")),
        Sealed(BROUGHT),
    ],
    "others' work that came too late": [IN, NEW, held(OTHERS), Released(OTHERS.rev)],
    "others' work is released when it is durable": [
        IN,
        page(put(OTHERS.record, 8, "record"), durable=7),
        held(OTHERS),
        Released(OTHERS.rev),
        Released(A.rev),
        page(at="c1", to="c2", durable=8),
        Released(OTHERS.rev),
    ],
    "others' work of a record that left": [
        IN,
        page(),
        held(OTHERS),
        CacheEvicted(),
        Released(OTHERS.rev),
        page(),
    ],
    "a push too large": [
        IN,
        *map(Sealed, MANY),
        refused(413, *MANY),
        refused(413, *MANY[:4]),
        pushed(*MANY[:2]),
        pushed(*MANY[2:5]),
        refused(413, MANY[5]),
    ],
    "an unreadable operation is found and set aside": [
        IN,
        *map(Sealed, MANY),
        refused(400, *MANY),
        pushed(*MANY[:4]),
        refused(400, *MANY[4:6]),
        refused(400, MANY[4]),
        pushed(*MANY[5:]),
        Woken(1),
        IN,
    ],
    "a refusal of what was answered in part": [IN, Sealed(A), Sealed(B), pushed(A), refused(400, A, B)],
    "a second reply to one offer": [
        *KEPT,
        NEW,
        ReofferReplied("E2", "E2", (A.rev,), (A.rev,)),
        reply(answer(A), epoch="E2", asked_in="E2"),
        ReofferReplied("E2", "E2", (A.rev,), (A.rev,)),
    ],
    "refusals of nothing known": [IN, refused(400, A), refused(413, A, B), refused(400, what="pull")],
    "a bad one that was answered after all": [IN, Sealed(A), refused(400, A), pushed(A)],
    "signed out": [
        IN,
        Sealed(A),
        refused(401, what="pull"),
        Woken(1),
        page(put("t1")),
        refused(401),
        IN,
    ],
    "blocked and too old": [IN, Sealed(A), refused(403), Woken(1), refused(426, what="pull"), pushed(A)],
    "blocked in the old epoch": [*KEPT, refused(403), page(epoch="E2")],
    "a push that rests does not hold up a pull": [
        IN,
        Sealed(A),
        Woken(1),
        Throttled("push", 5000),
        Woken(2),
        page(put("t1")),
        Throttled("push", 9000),
        Woken(8999),
        Woken(9000),
        pushed(A),
    ],
    "a wait of a clock that jumped": [IN, Throttled("pull", 99 * 60 * MINUTE), Woken(1)],
    "a pull that rests does not hold up a push": [
        IN,
        Sealed(A),
        Throttled("pull", 5000),
        Woken(1),
        pushed(A),
    ],
    "uploads that rest": [
        IN,
        Sealed(A),
        Throttled("media", 5000),
        Throttled("media_status", 5000),
        Throttled("pull", 5000),
        Woken(1),
        MediaStored(PHOTO, "E0"),
        MediaStored(PHOTO, "E1"),
    ],
    "a new epoch while pushes rest": [
        *KEPT,
        Sealed(B),
        Throttled("push", 9000),
        NEW,
        Woken(1),
        ReofferReplied("E2", "E2", (A.rev,), ()),
        status(unknown(A)),
    ],
    "a check that finds nothing": [*A_DAY_LATER, digested(*SEEN)],
    "a check asks about files, too, which a store may have lost": [
        *READ,
        Sealed(A),
        MediaDurable(PHOTO, "E1"),
        page(to="c2", at="c1", days=1),
        digested(*SEEN),
        Woken(1),
        MediaAbsent(PHOTO, "E1"),
        Woken(2),
    ],
    "no check before a day": [*READ, page(at="c1", to="c2", days=0.9), digested()],
    "a check that is stale": [
        *A_DAY_LATER,
        digested(stale=True),
        page(put("t9"), at="c2", to="c3", days=1),
        page(at="c3", to="c4", days=1.1),
    ],
    "a check that comes too late": [*A_DAY_LATER, page(put("t9"), at="c2", to="c3"), digested(*SEEN)],
    "a check that rests": [*READ, Throttled("digest", 5000), page(to="c2", at="c1", days=1), Woken(5000)],
    "a bucket is put right": [
        *A_DAY_LATER,
        digested(SEEN[0], put("t1", 7), *SEEN[2:]),
        bucket(ONE, put("t1", 7), put("t1", 3, via="north"), put("elsewhere")),
        bucket(ONE),
        digested(*CROWD),
    ],
    "a bucket that lost its cursor": [
        *A_DAY_LATER,
        digested(SEEN[0], *SEEN[2:]),
        page(put("t8"), at="c2", to="c3"),
        bucket(ONE),
        bucket(ONE, at="c3"),
    ],
    "what is busy in a bucket is withdrawn": [
        IN,
        page(put(TASK), put("t2"), to="c1", days=0),
        Drafted(A.record, TASK),
        page(to="c2", at="c1", days=1),
        digested(put("t2")),
        bucket(bucket_of("task", str(TASK))),
    ],
    "four buckets a day": [
        *A_DAY_LATER,
        digested(*CROWD),
        *(
            bucket(number, *(each for each in CROWD if bucket_of("task", each["id"]) == number))
            for number in range(16)
        ),
        page(at="c2", to="c3", days=2),
        digested(*CROWD, at="c3"),
    ],
    "buckets that never heal": [
        *A_DAY_LATER,
        digested(*CROWD),
        *(bucket(number, put("odd")) for number in range(16)),
        page(at="c2", to="c3", days=2),
        digested(*CROWD, at="c3"),
    ],
    "a sweep forgets repairs": [
        *A_DAY_LATER,
        digested(*CROWD),
        PullReset("E1", "c2", "E1", "user"),
        bucket(ONE),
    ],
    "a check in another epoch": [*A_DAY_LATER, digested(epoch="E2")],
    "an operation's life": [
        IN,
        Sealed(A),
        reply(answer(A, seq=5)),
        page(durable=4, days=31),
        MediaDurable(PHOTO, "E1"),
        page(at="c1", to="c2", durable=5, days=31),
        Woken(1),
        Pruned(A.op, LATE),
        Sealed(D),
    ],
    "nothing goes before its time": [
        *KEPT,
        MediaDurable(PHOTO, "E1"),
        page(durable=9, days=29),
        Pruned(A.op, LATE),
        page(at="c1", to="c2", durable=9, days=31),
        Pruned(A.op, milliseconds(29)),
        Pruned(B.op, LATE),
    ],
    "a file that something else needs": [
        *SETTLED,
        Sealed(D),
        Pruned(A.op, LATE),
        reply(answer(D, seq=6)),
        Pruned(D.record, LATE),
        MediaStored(PHOTO, "E1"),
    ],
    "a record that is worked on": [*SETTLED, Drafted(A.record, TASK), Pruned(A.record, LATE)],
    "a record goes as a whole": [
        *SETTLED,
        Sealed(short("a2", record=A.record)),
        Pruned(A.record, LATE),
    ],
    "a receipt that tells no time": [
        IN,
        Sealed(B),
        reply(answer(B) | {"receipt": "r"}),
        page(durable=9, days=99),
    ],
    "nothing is durable in a new epoch before it says so": [
        *SETTLED,
        NEW,
        ReofferReplied("E2", "E2", (A.rev,), ()),
        MediaDurable(PHOTO, "E2"),
        page(durable=9, days=60, epoch="E2", asked_in="E2"),
        Pruned(A.op, milliseconds(60)),
        status(answer(A, seq=6)),
        Pruned(A.op, milliseconds(60)),
        EpochRefused("E2", "E3"),
    ],
}

OLD = state_as_json(after(PhoneState(), *READ, Sealed(A)))
OLD["format"] = 1
for each in OLD["view"]["entities"]:
    each["via"] = ["me"]
for name in ("unconfirmed", "stubs", "stuck", "held", "limits", "waits", "failures", "asked", "repairs"):
    del OLD[name]
LATER = state_as_json(phone(A)) | {"format": 3, "colour": {"of": ["the", "sky"]}}
STARTS = {
    "an outbox of the app before": (OLD, [Woken(1), pushed(A), page(at="c1", to="c2", days=1)]),
    "an outbox of the app after": (LATER, [Woken(1), pushed(A)]),
}
