"""Inspectors, experts and the leading group over HTTP."""

from typing import Any
from uuid import UUID

from server.access import Permission, require
from server.accounts.models import Organisation, Person
from server.clock import today
from server.http import actor, session
from server.paging import PagingSchema, next_page, page
from server.registry import service
from server.registry.api.blueprint import blp
from server.registry.drafts import CertificateDraft, ExpertDraft, PageDraft
from server.registry.models import Certificate, Expert, InspectorProfile, Leader, Lending, TrainingExam
from server.registry.schemas import objects as shared
from server.registry.schemas import people as schemas


@blp.get("/inspectors")
@blp.arguments(PagingSchema, location="query")
@blp.response(200, shared.InspectorSchema(many=True))
def list_inspectors(query: dict[str, Any]) -> Any:
    """List the inspectors of one's jurisdiction with their certificates, by user name."""
    inspectors = service.inspectors_within(actor)
    people, after = page(session, inspectors, [Person.username], query["after"], query["limit"])
    certificates = service.certificates_of(session, [person.id for person in people])
    rows = [
        {
            **{name: getattr(person, name) for name in ("id", "username", "name", "roles", "region")},
            "organisation_id": person.organisation_id,
            "certificates": certificates[person.id],
            "certified": any(each.valid_from <= today() <= each.valid_to for each in certificates[person.id]),
        }
        for person in people
    ]
    return rows, 200, next_page(after)


@blp.get("/inspectors/standing")
@blp.arguments(schemas.StandingsQuerySchema, location="query")
@blp.response(200, schemas.StandingSchema(many=True))
def show_standings(query: dict[str, Any]) -> Any:
    """Show how the inspectors who may be matched in one's region stand on a day: certificates, exam, scope, lending."""
    require(actor, Permission.PERSON_READ)
    on = query.get("on") or today()
    return service.standings_at(session, actor.region, on, with_ended=query["ended"])


@blp.post("/inspectors")
@blp.arguments(schemas.InspectorDraftSchema)
@blp.response(201, schemas.InspectorPageSchema)
def add_inspector(body: dict[str, Any]) -> Any:
    """Enter an inspector in the library; somebody without an account gets one of the own bureau, without a password.

    A name that belongs to another account is refused, as in an import.
    """
    person = service.add_inspector(session, actor, **body)
    return service.show_page(session, actor, person.id)


@blp.get("/inspectors/<uuid:person_id>")
@blp.response(200, schemas.InspectorPageSchema)
def show_inspector(person_id: UUID) -> Any:
    """Show all that the library says of an inspector."""
    return service.show_page(session, actor, person_id)


@blp.post("/inspectors/<uuid:person_id>/end")
@blp.arguments(shared.RegistryReasonSchema)
@blp.response(200, schemas.InspectorPageSchema)
def take_inspector_out(body: dict[str, str], person_id: UUID) -> Any:
    """Take an inspector out of the library: drawn no more; all that is known stays. Entering the page takes them back."""
    service.end_page(session, actor, person_id, body["reason"])
    return service.show_page(session, actor, person_id)


@blp.put("/inspectors/<uuid:person_id>/page")
@blp.arguments(schemas.PageSchema)
@blp.response(200, schemas.PageSchema)
def enter_inspector_page(draft: PageDraft, person_id: UUID) -> InspectorProfile:
    """Enter what the library says of an inspector; what is left out stays."""
    return service.enter_page(session, actor, person_id, draft)


@blp.post("/inspectors/<uuid:person_id>/certificates")
@blp.arguments(schemas.CertificateDraftSchema)
@blp.response(201, shared.CertificateSchema)
def enter_certificate(draft: CertificateDraft, person_id: UUID) -> Certificate:
    """Enter a certificate of a person, who may hold several, or bring the one of that number up to date."""
    return service.enter_certificate(session, actor, person_id, draft)


@blp.put("/inspectors/<uuid:person_id>/exams/<int:year>")
@blp.arguments(schemas.ExamSchema)
@blp.response(200, schemas.ExamSchema)
def enter_exam(body: dict[str, Any], person_id: UUID, year: int) -> TrainingExam:
    """Enter how a person did in a year's training exam."""
    return service.enter_exam(session, actor, person_id, year, **body)


@blp.get("/lendings")
@blp.response(200, schemas.LendingSchema(many=True))
def list_lendings() -> list[Lending]:
    """List the lendings of inspectors to and from one's jurisdiction."""
    return service.lendings_within(session, actor)


@blp.get("/lendings/bureaus")
@blp.response(200, schemas.BureauSchema(many=True))
def list_borrowing_bureaus() -> list[Organisation]:
    """List the bureaus that inspectors may be lent to: all of this installation, by region."""
    return service.bureaus(session, actor)


@blp.post("/inspectors/<uuid:person_id>/lendings")
@blp.arguments(schemas.LendingSchema)
@blp.response(201, schemas.LendingSchema)
def lend_inspector(body: dict[str, Any], person_id: UUID) -> Lending:
    """Lend an inspector to another bureau for some days."""
    return service.lend_inspector(session, actor, person_id, body.pop("organisation_id"), **body)


@blp.post("/lendings/<uuid:lending_id>/end")
@blp.arguments(schemas.LastDaySchema)
@blp.response(200, schemas.LendingSchema)
def end_lending(body: dict[str, Any], lending_id: UUID) -> Lending:
    """End a lending earlier."""
    return service.end_lending(session, actor, lending_id, body["last_day"])


@blp.get("/experts")
@blp.arguments(PagingSchema, location="query")
@blp.response(200, schemas.ExpertSchema(many=True))
def list_experts(query: dict[str, Any]) -> Any:
    """List the experts of one's jurisdiction (专家名录库)."""
    keys = [Expert.name, Expert.id]
    rows, after = page(session, service.experts_within(actor), keys, query["after"], query["limit"])
    return rows, 200, next_page(after)


@blp.post("/experts")
@blp.arguments(schemas.ExpertSchema)
@blp.response(200, schemas.ExpertSchema)
def enter_expert(draft: ExpertDraft) -> Expert:
    """Enter an expert of the bureau, or bring the one of that name and unit up to date."""
    expert, _ = service.enter_expert(session, actor, draft)
    return expert


@blp.post("/experts/<uuid:expert_id>/retire")
@blp.arguments(shared.RegistryReasonSchema)
@blp.response(200, schemas.ExpertSchema)
def retire_expert(body: dict[str, str], expert_id: UUID) -> Expert:
    """Take an expert out of the library."""
    return service.retire_expert(session, actor, expert_id, body["reason"])


@blp.get("/leaders")
@blp.arguments(schemas.StandingQuerySchema, location="query")
@blp.response(200, schemas.LeaderSchema(many=True))
def list_leaders(query: dict[str, Any]) -> list[Leader]:
    """List the leading groups (领导小组) of one's jurisdiction as they were on a day, by default today."""
    return service.leaders_on(session, actor, query.get("on") or today())


@blp.post("/leaders")
@blp.arguments(schemas.LeaderSchema)
@blp.response(201, schemas.LeaderSchema)
def enter_leader(draft: service.LeaderDraft) -> Leader:
    """Enter a member of the bureau's leading group since a day."""
    return service.enter_leader(session, actor, draft)


@blp.post("/leaders/<uuid:leader_id>/end")
@blp.arguments(schemas.LastDaySchema)
@blp.response(200, schemas.LeaderSchema)
def end_leader(body: dict[str, Any], leader_id: UUID) -> Leader:
    """Let a member leave the leading group after a day."""
    return service.end_leader(session, actor, leader_id, body["last_day"])
