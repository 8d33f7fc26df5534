"""Reading the on-site record (现场检查笔录) out of the bytes that were sealed on the phone."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from forms.structure import QuestionKind
from server.accounts.keys import KeyRing
from server.checklists import service as checklists
from server.documents.facts import Facts, names_of
from server.documents.fields import clean, moment
from server.documents.filled import Filled, position
from server.documents.rows import (
    Assistant,
    Conclusion,
    Evidence,
    Inspector,
    Material,
    Order,
    Signature,
    Vouching,
)
from server.documents.visiting import OnSiteRecord
from server.evidence import possession
from server.evidence.models import MediaLink
from server.inspections import service as inspections
from server.inspections.models import Attestation, Record, Revision
from server.problems import DocumentNotPossible
from sync import RecordState, attestation_bytes, verify

#: Parts of every form that the record prints in places of their own.
_PLACED: Final = ("task", "visit", "inspectors", "told", "statement", "sign", "materials", "conclusions")
_UNREADY: Final = {RecordState.CONFLICTED.value, RecordState.RETURNED.value}
_SIGNERS: Final = {
    "inspector1": "主检人员",
    "inspector2": "协检人员",
    "company": "被检查单位代表",
    "seal": "被检查单位公章",
    "witness": "见证人",
}
_KINDS: Final = {
    QuestionKind.IMAGE: "照片",
    QuestionKind.AUDIO: "录音",
    QuestionKind.VIDEO: "录像",
    QuestionKind.FILE: "文件",
}


def read_record(session: Session, facts: Facts, record: Record) -> OnSiteRecord:
    """Read the version of a record that was accepted, or else its only head; refused while it is in conflict or returned."""
    if record.state in _UNREADY:
        raise DocumentNotPossible(state=record.state)
    revision = session.get_one(Revision, record.shown_rev)
    filled = Filled(inspections.answers_of(session, revision))
    shown = select(MediaLink).where(MediaLink.rev == revision.rev, possession.counts())
    links = {each.name: each for each in session.scalars(shown)}
    title = checklists.known(session, [(record.form_id, record.form_version)])[
        record.form_id, record.form_version
    ].title
    return OnSiteRecord(
        **_opening(filled, facts),
        inspectors=tuple(_inspectors(filled)),
        assistants=tuple(_assistant(row) for row in filled.rows("inspectors/assistants")),
        materials=tuple(
            Material(name=row.get("name", ""), provided=row.get("provided", ""))
            for row in filled.rows("materials")
        ),
        conclusions=tuple(_conclusions(filled)),
        sections=filled.sections(_PLACED),
        orders=tuple(
            Order(**{name: row.get(name, "") for name in ("order", "deadline", "document_no")})
            for row in filled.rows("statement/on_site_orders")
        ),
        signatures=tuple(_signatures(filled, links)),
        vouching=tuple(_vouching(session, revision)),
        evidence=tuple(_evidence(filled, links)),
        form=f"{clean(title.split(' / ')[0])}（{record.form_version}）",
        rev=revision.rev.removeprefix("sha256:"),
    )


def _opening(filled: Filled, facts: Facts) -> dict[str, Any]:
    known = {
        name: filled.say(f"task/{name}")
        for name in ("task_no", "task_name", "plan_no", "uscc", "approval_no")
    }
    visit = {name: filled.say(f"visit/{name}") for name in ("mode", "place", "weather", "entry_code")}
    person = {name: filled.say(f"visit/{name}") for name in _SITE_PERSON}
    refused = filled.text("sign/refused") == "yes"
    count = filled.say("task/year_count")
    return {
        **known,
        **visit,
        **person,
        "approval_no": known["approval_no"] or filled.say("visit/approval_no_on_paper"),
        "notice_no": filled.say("task/notice_no") or filled.say("visit/notice_no_on_paper"),
        "notice_served_on": filled.say("visit/notice_served_on"),
        "urgent_reason": filled.say("visit/urgent_reason"),
        "source": filled.say("task/task_source") or facts.source,
        "frequency": f"本年度第 {count} 次检查" if count else "",
        "object_name": filled.say("task/obj_name"),
        "address": filled.say("task/obj_addr"),
        "legal_rep": filled.say("visit/legal_rep_actual") or filled.say("task/legal_rep"),
        "started_at": filled.say("visit/start_at"),
        "ended_at": filled.say("statement/end_at"),
        "position": filled.say("visit/place_position"),
        "recorder": _recorder(filled),
        "told": filled.say("told/rights"),
        "recusal": filled.say("told/recusal_asked"),
        "recusal_decision": filled.say("told/recusal_decision"),
        "discipline_told": filled.say("told/discipline"),
        "recording_told": filled.say("told/recording"),
        "situation": filled.say("statement/situation"),
        "party_opinion": filled.say("statement/party_opinion"),
        "party_confirm": filled.say("sign/party_confirm"),
        "refused": "是" if refused else "否",
        "refuse_reason": filled.say("sign/refuse_reason"),
        "witness": _witness(filled),
    }


_SITE_PERSON: Final = ("site_person", "site_person_role", "site_person_auth")


def _recorder(filled: Filled) -> str:
    who = filled.text("inspectors/recorder")
    if who in {"inspector1", "inspector2"}:
        return filled.say(f"inspectors/{who}_name")
    return filled.say("inspectors/recorder_name")


def _witness(filled: Filled) -> str:
    parts = (filled.say("sign/witness_name"), filled.say("sign/witness_unit"))
    return "，".join(part for part in parts if part)


def _inspectors(filled: Filled) -> Iterator[Inspector]:
    for who, role in (("inspector1", "主检"), ("inspector2", "协检")):
        about = {name: filled.say(f"inspectors/{who}_{name}") for name in ("name", "certificate", "unit")}
        if about["name"]:
            shown = filled.say(f"inspectors/{who}_shown_at") or filled.say(f"inspectors/{who}_shown")
            yield Inspector(
                **about,
                valid_to=filled.say(f"inspectors/{who}_valid_to"),
                role=role,
                shown=shown,
            )
    for row in filled.rows("inspectors/more_inspectors"):
        yield Inspector(
            **{name: row.get(name, "") for name in ("name", "certificate", "valid_to", "unit", "shown")},
            role="协检",
        )


def _assistant(row: Mapping[str, str]) -> Assistant:
    return Assistant(**{name: row.get(name, "") for name in ("name", "unit", "specialty", "commission_no")})


def _conclusions(filled: Filled) -> Iterator[Conclusion]:
    for group in filled.groups_below("conclusions"):
        path = f"conclusions/{group.group.name}"
        answer = filled.say(f"{path}/answer")
        if answer:
            yield Conclusion(
                name=clean(group.group.labels.get("zh", "")) or group.group.name,
                answer=answer,
                problem=filled.say(f"{path}/problem") or filled.say(f"{path}/not_checked_reason"),
                basis=filled.say(f"{path}/basis"),
                disposal=filled.say(f"{path}/disposal"),
                deadline=filled.say(f"{path}/rectify_deadline"),
            )


def _signatures(filled: Filled, links: Mapping[str, MediaLink]) -> Iterator[Signature]:
    names = {
        "inspector1": filled.say("inspectors/inspector1_name"),
        "inspector2": filled.say("inspectors/inspector2_name"),
        "company": filled.say("visit/site_person"),
        "witness": filled.say("sign/witness_name"),
    }
    further = iter(row.get("signer", "") for row in filled.rows("sign/more_signatures"))
    for answer, _ in filled.media():
        is_seal = answer.question.name == "seal" and answer.path.split("/")[2] == "sign"
        if answer.question.kind is not QuestionKind.SIGNATURE and not is_seal:
            continue
        link = links.get(answer.text)
        who = answer.question.name
        yield Signature(
            role=_SIGNERS.get(who, "检查人员"),
            name=names.get(who, "") if who in _SIGNERS else next(further, ""),
            file=answer.text,
            sha256=link.sha256 if link else "",
        )


def _vouching(session: Session, revision: Revision) -> Iterator[Vouching]:
    """Who signed these bytes with a key, checked anew each time."""
    signed = session.scalars(
        select(Attestation).where(Attestation.rev == revision.rev).order_by(Attestation.received_at)
    ).all()
    names = names_of(session, [revision.author_id, *(each.person_id for each in signed)])
    ring = KeyRing(
        session,
        [(revision.author_id, revision.key), *((each.person_id, each.key) for each in signed)],
    )
    key = ring.find(revision.author_id, revision.key)
    holds = bool(key and revision.sig and verify(key.jwk, revision.data, revision.sig))
    yield Vouching(role="封存（作者）", name=names[revision.author_id], holds=_holds(holds, revision.sig))
    for each in signed:
        key = ring.find(each.person_id, each.key)
        holds = bool(key and verify(key.jwk, attestation_bytes(each.rev, each.role), each.sig))
        yield Vouching(role="会签", name=names[each.person_id], holds=_holds(holds, each.sig))


def _holds(holds: bool, signature: str | None) -> str:
    if not signature:
        return "未使用密钥签名"
    return "有效" if holds else "无效"


def _evidence(filled: Filled, links: Mapping[str, MediaLink]) -> Iterator[Evidence]:
    number = 0
    for answer, about in filled.media():
        kind = _KINDS.get(answer.question.kind)
        link = links.get(answer.text)
        if kind is None or (answer.question.name == "seal"):
            continue
        number += 1
        at = link.position if link else None
        yield Evidence(
            number=str(number),
            kind=kind,
            about=about,
            captured_at=moment(link.captured_at) if link else "",
            position=position(at["latitude"], at["longitude"], at.get("accuracy")) if at else "",
            sha256=link.sha256 if link else "",
            file=answer.text,
        )
