"""The wire of people, roles, organisations and regions as administrators see them."""

from typing import Any

from marshmallow import fields, post_load, validate

from server.access import Role
from server.accounts.organisations import OrganisationDraft
from server.accounts.people import USERNAME, Newcomer, PersonChange
from server.accounts.roster import Wanted
from server.paging import PagingSchema
from server.schema import Schema

Names = validate.Length(min=1, max=120)
_CODE = validate.Regexp(r"[0-9]{6}\Z")
_USERNAME = validate.Regexp(USERNAME)


class PersonSchema(Schema):
    """A person."""

    id = fields.UUID()
    username = fields.String()
    name = fields.String()
    roles = fields.List(fields.String())
    organisation_id = fields.UUID()
    region = fields.String()
    active = fields.Boolean()


class PersonChangeSchema(Schema):
    """What is to be different about a person; what is left out stays."""

    name = fields.String(validate=Names)
    roles = fields.List(fields.Enum(Role, by_value=True), validate=validate.Length(min=1))
    organisation_id = fields.UUID()
    active = fields.Boolean()

    @post_load
    def change(self, data: dict[str, Any], **_: Any) -> PersonChange:
        """Make the value."""
        roles = frozenset(data["roles"]) if "roles" in data else None
        return PersonChange(**{**data, "roles": roles})


class PeopleQuerySchema(PagingSchema):
    """Which people: `q` is part of a name or user name; `role` may be given more than once, and one of them is enough."""

    q = fields.String(load_default="", validate=validate.Length(max=60))
    role = fields.List(fields.Enum(Role, by_value=True), load_default=list)
    region = fields.String(load_default=None, validate=_CODE)
    organisation = fields.UUID(load_default=None)
    active = fields.Boolean(load_default=None)
    id = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=200))

    @post_load
    def wanted(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Make the value, beside the page."""
        wanted = Wanted(
            data["q"].strip(),
            frozenset(data["role"]),
            data["region"],
            data["organisation"],
            data["active"],
            frozenset(data["id"]),
        )
        return {"wanted": wanted, "after": data["after"], "limit": data["limit"]}


class PersonRowSchema(PersonSchema):
    """A person with the names of organisation and region; `locked_until`: paused for wrong passwords."""

    organisation = fields.String()
    region_name = fields.String()
    locked_until = fields.AwareDateTime(allow_none=True)
    code_until = fields.AwareDateTime(
        allow_none=True, metadata={"description": "until when a one-time code waits to be used"}
    )


class NewcomerSchema(Schema):
    """Somebody who is to be able to sign in."""

    username = fields.String(required=True, validate=_USERNAME)
    name = fields.String(required=True, validate=Names)
    roles = fields.List(fields.Enum(Role, by_value=True), required=True, validate=validate.Length(min=1))
    organisation_id = fields.UUID(required=True)

    @post_load
    def newcomer(self, data: dict[str, Any], **_: Any) -> Newcomer:
        """Make the value."""
        return Newcomer(**{**data, "roles": frozenset(data["roles"])})


class CodeSchema(Schema):
    """A one-time code; it is told this once."""

    person_id = fields.UUID()
    code = fields.String()
    until = fields.AwareDateTime()


class PasswordSchema(Schema):
    """A new password, set with a one-time code."""

    username = fields.String(required=True, validate=Names)
    code = fields.String(required=True, load_only=True, validate=validate.Length(min=1, max=60))
    password = fields.String(required=True, load_only=True, validate=validate.Length(min=1, max=256))


class SignInSessionSchema(Schema):
    """Where somebody is signed in. `device` is absent at a desk."""

    family = fields.UUID()
    device = fields.String(allow_none=True)
    renewed_at = fields.AwareDateTime()
    until = fields.AwareDateTime()


class RoleSchema(Schema):
    """A role. `only_own`: it sees only what is assigned to the person, whatever lies in their region."""

    role = fields.String()
    name = fields.String()
    name_en = fields.String()
    about = fields.String()
    about_en = fields.String()
    only_own = fields.Boolean()


class PermitSchema(Schema):
    """A permission and the roles that grant it."""

    permission = fields.String()
    noun = fields.String()
    noun_en = fields.String()
    verb = fields.String()
    verb_en = fields.String()
    roles = fields.List(fields.String())


class PermitsSchema(Schema):
    """The one table of roles and permissions."""

    roles = fields.List(fields.Nested(RoleSchema))
    permissions = fields.List(fields.Nested(PermitSchema))


class OrganisationSchema(Schema):
    """An organisation; `people` are those who can sign in. `ended_at`: nobody is put into it any more."""

    id = fields.UUID()
    name = fields.String()
    region = fields.String()
    people = fields.Integer()
    rules = fields.Dict(metadata={"description": "what it set for itself"})
    ended_at = fields.AwareDateTime(allow_none=True)


class OrganisationDraftSchema(Schema):
    """An organisation to add."""

    name = fields.String(required=True, validate=Names)
    region = fields.String(required=True, validate=_CODE)


class OrganisationChangeSchema(Schema):
    """What is to be different about an organisation; what is left out stays."""

    name = fields.String(validate=Names)
    region = fields.String(validate=_CODE)
    ended = fields.Boolean()

    @post_load
    def value(self, data: dict[str, Any], **_: Any) -> OrganisationDraft:
        """Make the value."""
        return OrganisationDraft(**data)


class MovingQuerySchema(Schema):
    """Where to."""

    region = fields.String(required=True, validate=_CODE)


class MovingSchema(Schema):
    """What a move changes, by names of organisations."""

    people = fields.Integer()
    sees_now = fields.List(fields.String())
    sees_no_more = fields.List(fields.String())
    seen_by_now = fields.List(fields.String())
    seen_no_more_by = fields.List(fields.String())


class RegionSchema(Schema):
    """A division and the one it lies in."""

    code = fields.String()
    name = fields.String()
    parent = fields.String(allow_none=True)


class RegionDraftSchema(Schema):
    """A region to add."""

    code = fields.String(required=True, validate=_CODE)
    name = fields.String(required=True, validate=Names)
    parent = fields.String(load_default=None, allow_none=True, validate=_CODE)


class RegionChangeSchema(Schema):
    """What is to be different about a region; what is left out stays, and `parent` null: it lies in none."""

    name = fields.String(validate=Names)
    parent = fields.String(allow_none=True, validate=_CODE)
