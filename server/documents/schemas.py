"""The wire of documents, their templates and case files."""

from marshmallow import fields, validate

from server.documents.kinds import DocumentKind, SubjectKind
from server.documents.models import CaseFileState, DocumentState
from server.schema import Schema

_KINDS = validate.OneOf([kind.value for kind in DocumentKind])
_SHA256 = validate.Regexp(r"^[0-9a-fA-F]{64}$")


class AboutSchema(Schema):
    """What documents are asked about."""

    subject_kind = fields.Enum(SubjectKind, by_value=True, required=True)
    subject_id = fields.UUID(required=True)


class DocumentOrderSchema(AboutSchema):
    """Which document is to be issued; a later version needs a reason."""

    kind = fields.Enum(DocumentKind, by_value=True, required=True)
    reason = fields.String(load_default="", validate=validate.Length(max=1000))


class PaperQuerySchema(AboutSchema):
    """Which draft is looked at."""

    kind = fields.Enum(DocumentKind, by_value=True, required=True)


class DraftSchema(AboutSchema):
    """What somebody writes for a document, by field."""

    kind = fields.Enum(DocumentKind, by_value=True, required=True)
    entered = fields.Dict(
        keys=fields.String(validate=validate.Length(max=64)),
        values=fields.String(validate=validate.Length(max=4000)),
        required=True,
        validate=validate.Length(max=20),
    )


class DocumentWithdrawalSchema(Schema):
    """Why a document is withdrawn."""

    reason = fields.String(required=True, validate=validate.Length(min=1, max=1000))


class DocumentSchema(Schema):
    """A document that was issued."""

    id = fields.UUID()
    kind = fields.String(metadata={"enum": [kind.value for kind in DocumentKind]})
    subject_id = fields.UUID()
    task_id = fields.UUID()
    number = fields.String(metadata={"description": "文号"})
    version = fields.Integer()
    state = fields.String(metadata={"enum": [state.value for state in DocumentState]})
    content_sha256 = fields.String(metadata={"description": "of what it says; stands on the paper"})
    file_sha256 = fields.String(metadata={"description": "of the PDF"})
    size = fields.Integer()
    pages = fields.Integer()
    reason = fields.String(allow_none=True)
    ended_reason = fields.String(allow_none=True)
    issued_at = fields.AwareDateTime()


class MissingSchema(Schema):
    """A mandatory field that is empty; `entered`: a person writes it for this document."""

    field = fields.String()
    label = fields.String()
    entered = fields.Boolean()


class EnteredSchema(Schema):
    """A field that a person writes, with what stands there now."""

    field = fields.String()
    label = fields.String()
    required = fields.Boolean()
    value = fields.String()


class OfferSchema(Schema):
    """A document that there is or could be."""

    kind = fields.String(validate=_KINDS)
    title = fields.String()
    subject_kind = fields.String()
    subject_id = fields.UUID()
    missing = fields.List(fields.Nested(MissingSchema))
    entered = fields.List(fields.Nested(EnteredSchema))
    issued = fields.List(fields.Nested(DocumentSchema), metadata={"description": "the newest first"})
    why_not = fields.String(
        allow_none=True, metadata={"description": "the state that keeps it from being made"}
    )


class DocumentCheckSchema(Schema):
    """One thing that was checked, and whether it holds."""

    name = fields.String(metadata={"enum": ["file", "content", "signed", "signatures"]})
    holds = fields.Boolean()


class DocumentRulesSchema(Schema):
    """How a bureau numbers its documents, and its own words in them."""

    prefix = fields.String(validate=validate.Length(max=40))
    numbers = fields.Dict(
        keys=fields.String(validate=_KINDS), values=fields.String(validate=validate.Length(max=100))
    )
    texts = fields.Dict(
        keys=fields.String(validate=validate.Length(max=64)),
        values=fields.String(validate=validate.Length(max=4000)),
    )


class NumberRuleSchema(Schema):
    """How a kind is numbered; without a pattern of its own as the others are. `next`: the number that comes next."""

    kind = fields.String()
    title = fields.String()
    word = fields.String()
    pattern = fields.String()
    next = fields.Integer()


class OwnWordsSchema(Schema):
    """A field that a person writes, what the bureau says there each time, and the documents that have it."""

    field = fields.String()
    label = fields.String()
    titles = fields.List(fields.String())
    value = fields.String()


class DocumentRulesInUseSchema(Schema):
    """The rules of a bureau's documents as they stand. `usual`: the pattern of kinds that have none."""

    organisation_id = fields.UUID()
    prefix = fields.String()
    usual = fields.String()
    year = fields.Integer()
    kinds = fields.List(fields.Nested(NumberRuleSchema))
    texts = fields.List(fields.Nested(OwnWordsSchema))


class TemplateFieldSchema(Schema):
    """A field that a template may name."""

    field = fields.String()
    label = fields.String()
    filled = fields.String()


class TemplateSchema(Schema):
    """The Word template of a kind that a bureau uses."""

    kind = fields.String()
    title = fields.String()
    version = fields.Integer(metadata={"description": "0: the one that ships, never replaced"})
    is_shipped = fields.Boolean()
    note = fields.String()
    entered_at = fields.AwareDateTime(allow_none=True)
    fields_ = fields.List(fields.Nested(TemplateFieldSchema), attribute="fields", data_key="fields")


class TemplateVersionSchema(Schema):
    """A version of a template, and who entered it."""

    version = fields.Integer(metadata={"description": "0: the one that ships"})
    is_shipped = fields.Boolean()
    sha256 = fields.String(allow_none=True)
    note = fields.String()
    entered_at = fields.AwareDateTime(allow_none=True)
    entered_by = fields.String(allow_none=True)
    in_use = fields.Boolean()


class TrialSchema(Schema):
    """A template that can be used: the fields it names, and those it leaves out."""

    used = fields.List(fields.Nested(TemplateFieldSchema))
    unused = fields.List(fields.Nested(TemplateFieldSchema))


class UseTemplateSchema(Schema):
    """Which version is put in use again, and why."""

    version = fields.Integer(required=True, validate=validate.Range(0, 2**31 - 1))
    note = fields.String(load_default="", validate=validate.Length(max=500))


class TemplateQuerySchema(Schema):
    """Which version of a template; the one in use by default."""

    version = fields.Integer(load_default=None, validate=validate.Range(0, 2**31 - 1))


class NoteQuerySchema(Schema):
    """What was changed about a template."""

    note = fields.String(load_default="", validate=validate.Length(max=500))


class CaseFileSchema(Schema):
    """A case file and how far it is."""

    id = fields.UUID()
    task_id = fields.UUID()
    state = fields.String(metadata={"enum": [state.value for state in CaseFileState]})
    done = fields.Integer()
    total = fields.Integer()
    problem = fields.String(allow_none=True)
    size = fields.Integer(allow_none=True)
    pages = fields.Integer(allow_none=True)
    asked_at = fields.AwareDateTime()
    ready_at = fields.AwareDateTime(allow_none=True)


class HashQuerySchema(Schema):
    """The hash that stands on the paper, or that of the PDF."""

    sha256 = fields.String(required=True, validate=_SHA256)


class NumberQuerySchema(HashQuerySchema):
    """A number (文号) with a hash."""

    number = fields.String(required=True, validate=validate.Length(max=200))


class VerdictSchema(Schema):
    """Whether a document was issued; nothing of what it says, and nobody's name."""

    issued = fields.Boolean(required=True)
    title = fields.String()
    number = fields.String()
    version = fields.Integer()
    newest_version = fields.Integer()
    state = fields.String(metadata={"enum": [state.value for state in DocumentState]})
    organisation = fields.String()
    issued_on = fields.String()
    matches = fields.String(metadata={"enum": ["content", "file"]})
