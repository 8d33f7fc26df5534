"""The verbs of forms, one file for each noun; other rooms call them from here."""

from server.checklists.authoring import read_source
from server.checklists.covering import forms_for
from server.checklists.drafts import (
    change_draft,
    create_draft,
    delete_draft,
    draft_views,
    find_draft,
    open_drafts,
    publish_draft,
)
from server.checklists.overview import OFFERED, RETIRED, overview
from server.checklists.preview import compare, migrate, preview, xform_of
from server.checklists.publishing import (
    CHANNEL,
    publish,
    publish_catalogue,
    publish_written,
    read_catalogue,
    restore,
    retire,
    unpublished,
)
from server.checklists.sheets import sheets_of
from server.checklists.versions import (
    blob,
    form_view,
    known,
    load,
    newest,
    published,
    read,
    versions,
)

__all__ = [
    "CHANNEL",
    "OFFERED",
    "RETIRED",
    "blob",
    "change_draft",
    "compare",
    "create_draft",
    "delete_draft",
    "draft_views",
    "find_draft",
    "form_view",
    "forms_for",
    "known",
    "load",
    "migrate",
    "newest",
    "open_drafts",
    "overview",
    "preview",
    "publish",
    "publish_catalogue",
    "publish_draft",
    "publish_written",
    "published",
    "read",
    "read_catalogue",
    "read_source",
    "restore",
    "retire",
    "sheets_of",
    "unpublished",
    "versions",
    "xform_of",
]
