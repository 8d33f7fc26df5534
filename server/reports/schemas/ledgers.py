"""The wire of ledgers (台账): which lines, and what stands in one."""

from marshmallow import fields, validate

from server.paging import PagingSchema
from server.schema import Schema


class LedgerFilterSchema(Schema):
    """Which lines of a ledger: of a region, of an item, with a problem, public, with a term that is over."""

    region = fields.String(validate=validate.Regexp(r"\d{6}\Z"))
    item = fields.String(validate=validate.Length(max=100))
    problem = fields.Boolean()
    public = fields.Boolean()
    late = fields.Boolean()


class LedgerQuerySchema(PagingSchema, LedgerFilterSchema):
    """Which lines of a ledger, and which page of them."""


class LedgerLineSchema(Schema):
    """A line of a ledger (台账): one item of one visit, in the words of the ledger; see docs/reports.md."""

    id = fields.String(metadata={"description": "place in the snapshot"})
    region = fields.String()
    organisation = fields.String()
    plan_no = fields.String(allow_none=True)
    plan_name = fields.String(allow_none=True)
    task_number = fields.String(allow_none=True)
    task_name = fields.String(allow_none=True)
    sampling = fields.String(allow_none=True)
    ratio = fields.String(allow_none=True)
    item_code = fields.String()
    item = fields.String()
    object_name = fields.String(allow_none=True)
    uscc = fields.String(allow_none=True)
    risk_class = fields.String(allow_none=True)
    lead_section = fields.String(allow_none=True)
    cooperators = fields.String(allow_none=True)
    lead = fields.String(allow_none=True)
    assisting = fields.String(allow_none=True)
    mode = fields.String(allow_none=True)
    task_due = fields.String(metadata={"format": "date"})
    inspected_on = fields.String(allow_none=True, metadata={"format": "date"})
    result = fields.String(allow_none=True)
    problem = fields.String(allow_none=True)
    findings_text = fields.String(allow_none=True)
    followup = fields.String(allow_none=True)
    rectify_by = fields.String(allow_none=True, metadata={"format": "date"})
    revisits = fields.Integer(allow_none=True)
    revisits_over = fields.Integer(allow_none=True)
    revisited_on = fields.String(allow_none=True, metadata={"format": "date"})
    entry_due = fields.String(allow_none=True, metadata={"format": "date"})
    entry_met = fields.String(allow_none=True, metadata={"format": "date"})
    publication_due = fields.String(allow_none=True, metadata={"format": "date"})
    published_on = fields.String(allow_none=True, metadata={"format": "date"})
    link = fields.String(allow_none=True)
    next_due = fields.String(allow_none=True, metadata={"format": "date"})
    remaining = fields.Integer(allow_none=True, metadata={"description": "working days; below zero: late"})
