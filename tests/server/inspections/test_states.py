"""Every state of a record against everything that can happen to it, through the real doors."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest

from server.access import Role
from server.inspections.models import Record
from tests.actors.phone import SIGNED, Phone, certify
from tests.actors.supervisor import Supervisor, supervisor

UNATTESTED = {path: value for path, value in SIGNED.items() if not path.endswith("inspector2")}
CO_SIGNED = {"/data/sign/inspector2": "inspector2.png"}
LATE = "late_addendum"

# Event → state afterwards, or the code of the refusal, after which the state is the same.
STAYS = {"withdraw", "reassign"}
CLOSED, NOT_WAITING = "task.closed", "record.not-under-review"
TABLE: dict[str, dict[str, str]] = {
    "open": {
        "child": "open",
        "signed child": "under_review",
        "late sibling": "conflicted",
        "attest": "under_review",
        "admit": "open",
        "return": NOT_WAITING,
        "accept": NOT_WAITING,
    },
    "under_review": {
        "child": "under_review",
        "unsigned child": "open",
        "late sibling": "conflicted",
        "attest": "under_review",
        "admit": "under_review",
        "return": "returned",
        "accept": "final",
    },
    "returned": {
        "child": "under_review",
        "unsigned child": "open",
        "late sibling": "conflicted",
        "attest": "returned",
        "admit": "under_review",
        "return": NOT_WAITING,
        "accept": NOT_WAITING,
    },
    "conflicted": {
        "child": "conflicted",
        "joining child": "under_review",
        "late sibling": "conflicted",
        "attest": "conflicted",
        "admit": "conflicted",
        "return": NOT_WAITING,
        "accept": NOT_WAITING,
    },
    "final": {
        "child": "final",
        "unsigned child": "final",
        "late sibling": "final",
        "attest": "final",
        "admit": "final",
        "return": NOT_WAITING,
        "accept": NOT_WAITING,
        "withdraw": CLOSED,
        "reassign": CLOSED,
    },
}


@dataclass
class Story:
    """A record of two versions, brought to a state; the second inspector still stands at the first version."""

    lead: Phone
    second: Phone
    third: Phone
    intruder: Phone
    reviewer: Supervisor
    task: UUID
    record: UUID

    def reaches(self, state: str) -> None:
        self.lead.corrects(self.record, None if state == "open" else CO_SIGNED)
        self.lead.pushes()
        if state == "returned":
            self.reviewer.returns(self.record, {"/data/note": "请写明"})
        elif state == "final":
            self.lead.uploads()
            self.reviewer.accepts(self.record)
        elif state == "conflicted":
            self.third.corrects(self.record, CO_SIGNED)
            self.third.pushes()

    def meets(self, event: str) -> Any:
        return getattr(self, "_" + event.replace(" ", "_"))()

    def _child(self) -> Any:
        self.lead.corrects(self.record)
        return self.lead.pushes()[0]

    def _signed_child(self) -> Any:
        self.lead.corrects(self.record, CO_SIGNED)
        return self.lead.pushes()[0]

    def _unsigned_child(self) -> Any:
        self.lead.corrects(self.record, {"/data/sign/inspector2": ""})
        return self.lead.pushes()[0]

    def _joining_child(self) -> Any:
        heads = self.reviewer.reads(self.record)["heads"]
        self.lead.corrects(self.record, parents=tuple(heads))
        return self.lead.pushes()[0]

    def _late_sibling(self) -> Any:
        self.second.corrects(self.record)
        return self.second.pushes()[0]

    def _attest(self) -> Any:
        self.second.attests(self.lead.drafts[self.record].heads[0])
        return self.second.pushes()[0]

    def _admit(self) -> Any:
        self.intruder.takes_over(self.record, self.lead)
        self.intruder.corrects(self.record)
        rev = self.intruder.pushes()[0]["rev"]
        [case] = [each for each in self.reviewer.quarantine(reason="record.foreign") if each["rev"] == rev]
        assert self.reviewer.admits(case)["joined"] == str(self.record)

    def _return(self) -> Any:
        return self.reviewer.call(
            "POST", f"/api/v1/records/{self.record}/return", json={"reason": "请写明"}
        ).get_json()

    def _accept(self) -> Any:
        self.lead.uploads()
        return self.reviewer.call("POST", f"/api/v1/records/{self.record}/accept").get_json()

    def _withdraw(self) -> Any:
        path = f"/api/v1/tasks/{self.task}/withdraw"
        return self.reviewer.call("POST", path, json={"reason": "撤回"}).get_json()

    def _reassign(self) -> Any:
        people = {"lead": str(self.second.person_id), "assisting": [str(self.third.person_id)]}
        path = f"/api/v1/tasks/{self.task}/reassign"
        return self.reviewer.call("POST", path, json=people | {"reason": "换人"}).get_json()


@pytest.fixture
def begins(cast, app):
    """Begin a new record on a new task, with the same people."""
    people = [cast.phone() for _ in range(4)]
    reviewer = supervisor(cast)
    certify(app, *people)
    lead, second, third, intruder = people

    def begin():
        task = cast.task(lead, second, third)
        record = lead.fills(task, UNATTESTED)
        lead.pushes()
        for other in (second, third):
            other.takes_over(record, lead)
        return Story(lead, second, third, intruder, reviewer, task, record)

    return begin


@pytest.mark.parametrize("state", TABLE)
def test_what_happens_to_a_record_in_every_state(begins, session, state):
    expected = dict.fromkeys(sorted(STAYS), state) | TABLE[state]
    found = {}
    for event in expected:
        story = begins()
        story.reaches(state)
        row = session.get_one(Record, story.record, populate_existing=True)
        assert row.state == state, event
        finished = row.final_rev
        answer = story.meets(event)
        row = session.get_one(Record, story.record, populate_existing=True)
        refused = answer["code"] if answer and "code" in answer else None
        assert refused is None or row.state == state, event
        found[event] = refused or row.state
        if state == "final":
            assert (row.final_rev, row.form_version) == (finished, "1"), event
            is_addendum = event in {"child", "unsigned child", "late sibling", "admit"}
            assert (LATE in row.flags) == is_addendum, event
        if event in STAYS and refused is None:
            assert_late(story, session, state, f"task_{'withdrawn' if event == 'withdraw' else 'reassigned'}")
    assert found == expected


def assert_late(story, session, state, flag):
    """What the lead still brings is taken, flagged, and moves the record like any other version."""
    answer = story.meets("child")
    assert (answer["outcome"], answer["flags"]) == ("accepted_late", [flag])
    assert answer["record_state"] == TABLE[state]["child"]
    assert flag in session.get_one(Record, story.record, populate_existing=True).flags


def test_an_addendum_is_seen_beside_what_is_final_and_changes_nothing_of_it(begins, session):
    story = begins()
    story.reaches("final")
    before = story.reviewer.reads(story.record)

    added = story.meets("child")["rev"]
    after = story.reviewer.reads(story.record)

    assert (after["state"], after["rev"], after["final_rev"]) == ("final", before["rev"], before["final_rev"])
    assert after["answers"] == before["answers"]
    assert (after["heads"], after["flags"]) == ([added], [LATE])
    assert [(each["rev"], each["flags"]) for each in after["versions"]][-1] == (added, [LATE])
    [listed] = [
        each for each in story.reviewer.get("/api/v1/records?state=final") if each["id"] == after["id"]
    ]
    assert listed["flags"] == [LATE]
    assert story.reviewer.reads(story.record, rev=added)["rev"] == added


# Co-signatures


def test_an_edit_voids_a_co_signature_and_everybody_is_told_until_it_is_given_again(begins):
    story = begins()
    first = story.lead.drafts[story.record].heads[0]
    story.second.attests(first)
    assert story.second.pushes()[0]["record_state"] == "under_review"

    edited = story.meets("child")
    story.second.pulls()

    assert edited["record_state"] == "open"
    assert story.second.record(story.record)["flags"] == ["attestation_voided"]
    shown = story.reviewer.reads(story.record)
    assert shown["flags"] == ["attestation_voided"]
    [old, _] = shown["versions"]
    assert [(each["role"], each["counts"]) for each in old["attestations"]] == [("co_inspector", True)]

    story.second.attests(edited["rev"])
    assert story.second.pushes()[0]["record_state"] == "under_review"
    assert story.reviewer.reads(story.record)["flags"] == []


def test_a_co_signature_that_comes_after_the_edit_is_told_as_voided(begins):
    story = begins()
    first = story.lead.drafts[story.record].heads[0]
    story.lead.corrects(story.record)
    story.lead.pushes()

    story.second.attests(first)
    assert story.second.pushes()[0]["record_state"] == "open"

    assert story.reviewer.reads(story.record)["flags"] == ["attestation_voided"]


def test_a_signature_drawn_on_the_form_renews_a_voided_co_signature(begins):
    story = begins()
    story.meets("attest")
    assert story.meets("signed child")["record_state"] == "under_review"
    assert story.reviewer.reads(story.record)["flags"] == []


@pytest.mark.parametrize("role", ["company_representative", "witness", "company", "inspector1", "inspector2"])
def test_only_a_co_inspector_signs_with_a_key(begins, session, role):
    story = begins()
    story.lead.corrects(story.record, {"/data/sign/company": ""})
    head = story.lead.pushes()[0]["rev"]

    story.second.attests(head, role)
    [answer] = story.second.pushes()

    assert (answer["outcome"], answer["flags"], answer["record_state"]) == (
        "accepted",
        ["role_unknown"],
        "open",
    )
    [shown] = [each for each in story.reviewer.reads(story.record)["versions"] if each["rev"] == head]
    assert [(each["role"], each["valid"], each["counts"]) for each in shown["attestations"]] == [
        (role, True, False)
    ]


def test_an_author_is_told_that_their_own_co_signature_does_not_count(begins):
    story = begins()
    story.lead.attests(story.lead.drafts[story.record].heads[0])
    [answer] = story.lead.pushes()
    assert (answer["outcome"], answer["flags"], answer["record_state"]) == (
        "accepted",
        ["own_revision"],
        "open",
    )


def test_one_person_does_not_stand_for_both_inspectors(begins):
    story = begins()
    story.lead.corrects(story.record, {"/data/sign/inspector1": ""})
    head = story.lead.pushes()[0]["rev"]
    for role in ("co_inspector", "inspector1"):
        story.second.attests(head, role)
    assert [answer["record_state"] for answer in story.second.pushes()] == ["open", "open"]


def test_whoever_is_no_inspector_has_no_phone_to_co_sign_with(cast):
    expert = cast.signed_in(Role.SUPERVISOR)
    body = {"epoch": "e", "batch": "5f0f4f6e-0000-4000-8000-000000000000", "items": []}
    assert expert.post("/api/v1/sync/push", body, expect=403)["code"] == "access.denied"
