"""The wire of forms."""

from marshmallow import fields, validate

from forms import ChangeKind
from server.checklists.models import DraftState
from server.checklists.service import OFFERED, RETIRED
from server.schema import Schema


class FormVersionSchema(Schema):
    """One published version of a form; `sha256` (hex) names the XForm's bytes."""

    form_id = fields.String()
    version = fields.String()
    title = fields.String()
    sha256 = fields.String()
    source_type = fields.String()
    published_at = fields.AwareDateTime()
    retired_at = fields.AwareDateTime(
        allow_none=True,
        metadata={"description": "since when it is not offered; records with it are still taken"},
    )


class FormsQuerySchema(Schema):
    """Which forms."""

    state = fields.String(validate=validate.OneOf([OFFERED, RETIRED]))


class FormItemSchema(Schema):
    """An inspection item that a form is for."""

    code = fields.String()
    name = fields.String()


class FormLineSchema(Schema):
    """A form with all its versions, newest first; `version` is the one that phones begin records with."""

    id = fields.String(metadata={"description": "the form's id"})
    title = fields.String()
    version = fields.String(allow_none=True)
    state = fields.String(metadata={"enum": [OFFERED, RETIRED]})
    published_at = fields.AwareDateTime()
    restricted = fields.Boolean()
    lists = fields.List(fields.String(), metadata={"description": "lists that come beside the form"})
    items = fields.List(fields.Nested(FormItemSchema))
    versions = fields.List(fields.Nested(FormVersionSchema))


class FormRowSchema(Schema):
    """A row of a sheet, as a spreadsheet counts it; `cells` by column, blank ones left out."""

    row = fields.Integer()
    cells = fields.Dict(keys=fields.String(), values=fields.String())


class FormSheetSchema(Schema):
    """A sheet of an author's file."""

    name = fields.String()
    header = fields.List(fields.String())
    rows = fields.List(fields.Nested(FormRowSchema))


class FormFindingSchema(Schema):
    """What an author must correct: where, and what to do, as "中文 / English"."""

    sheet = fields.String(
        metadata={"description": "`survey`, `choices`, `settings`, or `file` for all of it"}
    )
    row = fields.Integer(
        allow_none=True, metadata={"description": "as a spreadsheet counts it; the header is row 1"}
    )
    column = fields.String(allow_none=True)
    code = fields.String()
    severity = fields.String(metadata={"enum": ["error", "warning"]})
    message = fields.String()


class FormDraftSummarySchema(Schema):
    """A draft in a list; what identifies the form is null as long as its source does not compile."""

    id = fields.UUID()
    form_id = fields.String(allow_none=True)
    version = fields.String(allow_none=True)
    title = fields.String(allow_none=True)
    state = fields.String(metadata={"enum": [state.value for state in DraftState]})
    errors = fields.Integer(metadata={"description": "findings that keep it from being published"})
    warnings = fields.Integer()
    source_type = fields.String()
    author = fields.String(metadata={"description": "who changed it last"})
    created_at = fields.AwareDateTime()
    changed_at = fields.AwareDateTime()
    published_at = fields.AwareDateTime(allow_none=True)


class FormDraftSchema(FormDraftSummarySchema):
    """A draft with all that was found in it."""

    findings = fields.List(fields.Nested(FormFindingSchema))


class FormChangeSchema(Schema):
    """One change of one question, group or repeat; `old` and `new` are what the kind is about."""

    kind = fields.String(metadata={"enum": [kind.value for kind in ChangeKind]})
    path = fields.String()
    old_path = fields.String(allow_none=True)
    labels = fields.Dict()
    old = fields.Raw(allow_none=True)
    new = fields.Raw(allow_none=True)
    message = fields.String()
    message_en = fields.String()


class FormChangesSchema(Schema):
    """What changes from one version (`old`) to another (`new`)."""

    form_id = fields.String()
    old = fields.String()
    new = fields.String()
    keeps_every_answer = fields.Boolean(
        metadata={"description": "whether every answer of a draft is sure to have a place in the new version"}
    )
    counts = fields.Dict(metadata={"description": "how many changes there are of each kind"})
    effects = fields.Dict(
        metadata={"description": "by kind: what it means for open drafts and for records handed in"}
    )
    changes = fields.List(fields.Nested(FormChangeSchema))


class FormLayoutSchema(Schema):
    """A form as a page shows it; `children` is a tree of groups, repeats and questions with their rules."""

    form_id = fields.String()
    version = fields.String()
    title = fields.String()
    titles = fields.Dict()
    languages = fields.List(fields.String())
    lists = fields.List(fields.String(), metadata={"description": "lists that come beside the form"})
    questions = fields.Integer(metadata={"description": "how many are shown at most, repeats counted once"})
    required = fields.Integer()
    children = fields.List(fields.Dict())


class DraftChangeSchema(Schema):
    """One thing that moving a draft of a record changed: `left_over` keeps an answer that has no place any more."""

    kind = fields.String()
    why = fields.String(allow_none=True)
    path = fields.String(allow_none=True)
    old_path = fields.String(allow_none=True)
    labels = fields.Dict(keys=fields.String(), values=fields.String())
    text = fields.String(allow_none=True)
    display = fields.String(allow_none=True)
    new_text = fields.String(allow_none=True)
    message = fields.String()
    message_en = fields.String()


class MigratedInstanceSchema(Schema):
    """A draft of a record in another version of its form, with all that its inspector should see."""

    xml = fields.String()
    changes = fields.List(fields.Nested(DraftChangeSchema))


class FormPreviewSchema(Schema):
    """A draft laid out, and what changes against the newest version that is offered (null: there is none)."""

    form = fields.Nested(FormLayoutSchema)
    changes = fields.Nested(FormChangesSchema, allow_none=True)
