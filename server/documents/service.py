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
from server.documents.numbering import document_rules, set_document_rules
from server.documents.offering import Offer, offers, write_draft
from server.documents.templating import (
    draft_docx,
    issued_docx,
    return_to_shipped,
    template_bytes,
    templates_of,
    upload,
    use_again,
    versions_of,
)
from server.documents.trying import fill_template, print_example, try_template

__all__ = [
    "TRIES",
    "Offer",
    "check_document",
    "count_pages",
    "document_rules",
    "documents_within",
    "draft_docx",
    "enter",
    "fill_template",
    "find_document",
    "issued_docx",
    "keep",
    "offers",
    "prepare",
    "print_example",
    "print_paper",
    "return_to_shipped",
    "set_document_rules",
    "template_bytes",
    "templates_of",
    "try_template",
    "upload",
    "use_again",
    "verify_issued",
    "verify_number",
    "versions_of",
    "withdraw",
    "write_draft",
]
