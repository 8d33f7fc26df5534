"""Items, claims, responsibilities and versions of lists on the wire."""

from typing import Any

from marshmallow import fields, post_load, validate

from server.paging import PagingSchema
from server.registry.item_drafts import ClaimDraft, ItemDraft, ResponsibilityDraft, VersionDraft
from server.registry.models import ItemKind, ItemMode, ListKind, ListState, ObjectKind
from server.schema import Schema

Name = validate.Length(min=1, max=200)
Short = validate.Length(max=200)
Text = validate.Length(max=4000)


def _texts(most: int = 50, **more: Any) -> fields.List[Any]:
    return fields.List(fields.String(**more), validate=validate.Length(max=most))


class ItemElementsSchema(Schema):
    """The elements of an inspection item (抽查事项清单的要素); days count both."""

    name = fields.String(required=True, validate=Name)
    form_id = fields.String(validate=Short)
    basis = fields.String(validate=Text, metadata={"description": "抽查依据"})
    content = fields.String(validate=Text, metadata={"description": "抽查内容"})
    aliases = _texts(validate=validate.Length(min=1, max=1000))
    category = fields.String(validate=Short, metadata={"description": "类别"})
    sub_item = fields.String(validate=Short, metadata={"description": "抽查子项"})
    matter_no = fields.String(validate=Short, metadata={"description": "“互联网＋监管”事项编码"})
    subject = fields.String(validate=Short, metadata={"description": "抽查主体"})
    object_scope = fields.String(validate=Text, metadata={"description": "抽查对象"})
    object_kinds = _texts(4, validate=validate.OneOf([kind.value for kind in ObjectKind]))
    standard = fields.String(validate=Text, metadata={"description": "抽查标准和要点"})
    modes = _texts(4, validate=validate.OneOf([mode.value for mode in ItemMode]))
    kind = fields.String(validate=validate.OneOf([kind.value for kind in ItemKind]))
    ratio = fields.String(validate=Short, metadata={"description": "抽查比例, as written"})
    frequency = fields.String(validate=Short, metadata={"description": "抽查频次, as written"})
    inspector_requirement = fields.String(validate=Text, metadata={"description": "检查人员要求"})
    section = fields.String(validate=Short, metadata={"description": "责任处室"})
    lead_department = fields.String(validate=Short, metadata={"description": "牵头部门"})
    departments = _texts(validate=Name)
    remark = fields.String(validate=Text, metadata={"description": "备注"})
    valid_from = fields.Date(allow_none=True)
    valid_to = fields.Date(allow_none=True)
    basis_from = fields.Date(allow_none=True, metadata={"description": "first day of the legal basis"})
    basis_to = fields.Date(allow_none=True, metadata={"description": "last day of the legal basis"})


class ItemDraftSchema(ItemElementsSchema):
    """An item to enter under the code of its address; what is left out is empty."""

    @post_load
    def elements(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Make lists of it what they are in the value."""
        return {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}


class ItemSchema(ItemElementsSchema):
    """An inspection item and whose it is; 000000 are those that ship."""

    code = fields.String()
    region = fields.String()


class ClaimSchema(Schema):
    """An item in a bureau's list, and what the bureau says of it itself."""

    item_code = fields.String()
    claimed_on = fields.Date()
    ended_on = fields.Date(allow_none=True)
    subject = fields.String()
    section = fields.String()
    ratio = fields.String()
    frequency = fields.String()
    remark = fields.String()


class ClaimDraftSchema(Schema):
    """Items to claim, and what the bureau says of them itself; empty is as the item says."""

    codes = fields.List(fields.String(validate=Name), required=True, validate=validate.Length(min=1, max=500))
    on = fields.Date(metadata={"description": "today where it is left out"})
    subject = fields.String(validate=Short)
    section = fields.String(validate=Short)
    ratio = fields.String(validate=Short)
    frequency = fields.String(validate=Short)
    remark = fields.String(validate=Text)

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Make the value."""
        codes, on = data.pop("codes"), data.pop("on", None)
        return {"codes": codes, "on": on, "draft": ClaimDraft(**data)}


class ClaimEndSchema(Schema):
    """The last day of an item in the bureau's list; today where it is left out."""

    last_day = fields.Date()


class ResponsibilitySchema(Schema):
    """A line of the multi-department responsibility list."""

    id = fields.UUID(dump_only=True)
    name = fields.String(required=True, validate=Name, metadata={"description": "监管责任事项"})
    basis = fields.String(required=True, validate=Text, metadata={"description": "监察依据"})
    lead = fields.String(required=True, validate=Name, metadata={"description": "牵头责任部门"})
    cooperating = _texts(validate=Name)
    item_codes = _texts(validate=Name)

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> ResponsibilityDraft:
        """Make the value."""
        lists = {name: tuple(data.get(name, ())) for name in ("cooperating", "item_codes")}
        return ResponsibilityDraft(**{**data, **lists})


class ListVersionDraftSchema(Schema):
    """Which list to prepare a version of, why it is adjusted, and from which day it shall hold."""

    kind = fields.Enum(ListKind, by_value=True, load_default=ListKind.ITEMS)
    reason = fields.String(required=True, validate=validate.Length(min=1, max=1000))
    effective_on = fields.Date(required=True)

    @post_load
    def draft(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Make the value."""
        return {"kind": data["kind"], "draft": VersionDraft(data["reason"], data["effective_on"])}


class ListApprovalSchema(Schema):
    """Who approved, where that is another office, and under which document number."""

    office = fields.String(validate=Short, load_default="")
    approval_no = fields.String(validate=Short, load_default="")


class PublishedListSchema(Schema):
    """A published version of a bureau's list. `sha256` names its bytes at `/public/lists/<sha256>`."""

    organisation_id = fields.UUID()
    region = fields.String()
    kind = fields.String(validate=validate.OneOf([kind.value for kind in ListKind]))
    number = fields.Integer()
    effective_on = fields.Date()
    reason = fields.String()
    count = fields.Integer()
    sha256 = fields.String()
    approved_at = fields.AwareDateTime(allow_none=True)
    approved_by = fields.String(allow_none=True)
    approval_no = fields.String(allow_none=True)
    published_at = fields.AwareDateTime(allow_none=True)


class ListVersionSchema(PublishedListSchema):
    """A version of a bureau's list, whatever its state."""

    id = fields.UUID()
    state = fields.String(validate=validate.OneOf([state.value for state in ListState]))
    prepared_at = fields.AwareDateTime()


class ListChangesQuerySchema(Schema):
    """Against which version; the one published before where it is left out."""

    against = fields.UUID()


class ElementChangeSchema(Schema):
    """An element of an entry before and after."""

    element = fields.String()
    before = fields.Raw(allow_none=True)
    after = fields.Raw(allow_none=True)


class EntryChangeSchema(Schema):
    """An entry of a list that came, went, or reads otherwise."""

    change = fields.String(metadata={"enum": ["added", "removed", "changed"]})
    name = fields.String()
    elements = fields.List(fields.Nested(ElementChangeSchema))


class PublishedListsQuerySchema(PagingSchema):
    """Which published versions: of a bureau, of a kind, those that held on a day."""

    organisation = fields.UUID()
    kind = fields.Enum(ListKind, by_value=True)
    on = fields.Date()


def item_draft(code: str, elements: dict[str, Any]) -> ItemDraft:
    """Make the value of an item's draft from its address and its body."""
    return ItemDraft(code=code, **elements)
