"""Verbs of documents, one file for each noun; other rooms call them from here."""

from server.documents.checking import check_document, verify_issued, verify_number
from server.documents.issuing import (
    TRIES,
    count_pages,
    documents_within,
    enter,
    find_document,
    keep,
    prepare,
    print_paper,
    withdraw,
)
from server.documents.numbering import set_document_rules
from server.documents.offering import Offer, offers, write_draft
from server.documents.templating import (
    draft_docx,
    issued_docx,
    return_to_shipped,
    template_bytes,
    templates_of,
    upload,
)

__all__ = [
    "TRIES",
    "Offer",
    "check_document",
    "count_pages",
    "documents_within",
    "draft_docx",
    "enter",
    "find_document",
    "issued_docx",
    "keep",
    "offers",
    "prepare",
    "print_paper",
    "return_to_shipped",
    "set_document_rules",
    "template_bytes",
    "templates_of",
    "upload",
    "verify_issued",
    "verify_number",
    "withdraw",
    "write_draft",
]
