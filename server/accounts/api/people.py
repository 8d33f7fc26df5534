"""People as administrators see them: list, one person, roles, one-time codes and sign-ins."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from server.access import Permission, require
from server.accounts import codes, passwords, people, people_schemas, permits, roster
from server.accounts.api.blueprint import blp
from server.accounts.models import Person
from server.accounts.people import Newcomer, PersonChange
from server.blueprint import ProblemSchema
from server.db import Json
from server.http import actor, count_try, session, settings, short_transaction
from server.paging import next_page, page
from server.problems import Problem
from server.refusals import answer
from server.view_marks import hashing, public, untransacted


@blp.get("/people")
@blp.arguments(people_schemas.PeopleQuerySchema, location="query")
@blp.response(200, people_schemas.PersonRowSchema(many=True))
def list_people(query: dict[str, Any]) -> Any:
    """List the people of one's jurisdiction, by user name."""
    chosen = roster.people_within(session, actor, query["wanted"])
    rows, after = page(session, chosen, [Person.username], query["after"], query["limit"])
    return _rows(rows), 200, next_page(after)


@blp.post("/people")
@blp.arguments(people_schemas.NewcomerSchema)
@blp.response(201, people_schemas.CodeSchema)
@blp.alt_response(409, schema=ProblemSchema, content_type="application/problem+json", description="Taken")
@untransacted
def add_person(newcomer: Newcomer) -> Any:
    """Add somebody who can sign in; the code that is answered lets them set their password."""
    require(actor, Permission.PERSON_MANAGE)
    code = codes.make_code()
    hashed = passwords.hash_password(codes.make_code().told)  # nobody knows it: the code sets the first one
    with short_transaction() as writing:
        person = people.add_newcomer(writing, actor, newcomer, hashed)
        until = codes.give_code(writing, actor, person.id, code)
        return {"person_id": person.id, "code": code.told, "until": until}


@blp.get("/people/<uuid:person_id>")
@blp.response(200, people_schemas.PersonRowSchema)
def show_person(person_id: UUID) -> Json:
    """Show one person of one's jurisdiction."""
    return _rows([people.find_person(session, actor, person_id, Permission.PERSON_READ)])[0]


@blp.patch("/people/<uuid:person_id>")
@blp.arguments(people_schemas.PersonChangeSchema)
@blp.response(200, people_schemas.PersonSchema)
@blp.alt_response(409, schema=ProblemSchema, content_type="application/problem+json", description="Oneself")
def change_person(change: PersonChange, person_id: UUID) -> Person:
    """Change a person's name, roles or organisation, or say that they left."""
    return people.change_person(session, actor, person_id, change)


@blp.post("/people/<uuid:person_id>/code")
@blp.response(201, people_schemas.CodeSchema)
@untransacted
def give_code(person_id: UUID) -> Any:
    """Give a one-time code with which a person sets a new password; it is told this once."""
    require(actor, Permission.PERSON_MANAGE)
    code = codes.make_code()
    with short_transaction() as writing:
        until = codes.give_code(writing, actor, person_id, code)
    return {"person_id": person_id, "code": code.told, "until": until}


@blp.post("/session/password")
@blp.arguments(people_schemas.PasswordSchema)
@blp.response(204)
@blp.alt_response(401, schema=ProblemSchema, content_type="application/problem+json", description="Wrong")
@public
@untransacted
@hashing
def set_password(given: dict[str, str]) -> Any:
    """Set one's password with a one-time code, and be signed out everywhere else."""
    username = given["username"]
    codes.refuse_weak(username, given["password"])
    was_right = count_try(username)
    with short_transaction(writing=False) as reading:
        kept = codes.hash_to_compare(reading, username)
    attempt = passwords.compare(username, kept, codes.as_signs(given["code"]))
    hashed = passwords.hash_password(given["password"])  # also for a wrong code: the answer takes as long
    with short_transaction() as writing:
        refusal = codes.set_password(writing, attempt, hashed)
    if isinstance(refusal, Problem):
        return answer(refusal)
    was_right()
    return None


@blp.get("/people/<uuid:person_id>/sessions")
@blp.response(200, people_schemas.SignInSessionSchema(many=True))
def list_sessions(person_id: UUID) -> list[Json]:
    """List where a person is signed in."""
    lasts = timedelta(days=settings().refresh_days)
    return [
        {
            "family": row.family,
            "device": device,
            "renewed_at": row.refresh_expires - lasts,
            "until": row.refresh_expires,
        }
        for row, device in roster.sessions_of(session, actor, person_id)
    ]


@blp.delete("/people/<uuid:person_id>/sessions")
@blp.response(204)
def end_sessions(person_id: UUID) -> None:
    """Sign a person out everywhere."""
    roster.end_all_sessions(session, actor, person_id)


@blp.delete("/people/<uuid:person_id>/sessions/<uuid:family>")
@blp.response(204)
def end_session(person_id: UUID, family: UUID) -> None:
    """End one sign-in of a person."""
    roster.end_one_session(session, actor, person_id, family)


@blp.get("/roles")
@blp.response(200, people_schemas.PermitsSchema)
def show_roles() -> Json:
    """Show what each role permits: the one table that the server itself asks."""
    require(actor, Permission.PERSON_READ)
    return permits.table()


def _rows(found: list[Person]) -> list[Json]:
    names = roster.names_for(session, found)
    may_manage = actor.may(Permission.PERSON_MANAGE)
    return [
        {
            **{
                name: getattr(person, name)
                for name in ("id", "username", "name", "roles", "organisation_id", "region", "active")
            },
            "organisation": names.organisations[person.organisation_id],
            "region_name": names.regions[person.region],
            # How an account stands with its password is for who looks after it.
            **({"locked_until": person.locked_until, "code_until": person.code_until} if may_manage else {}),
        }
        for person in found
    ]
