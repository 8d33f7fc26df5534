"""What may be made, drafts, issuing, files."""

from typing import Any
from uuid import UUID

from flask import Response, request

from server.documents import schemas, service
from server.documents.api.blueprint import PDF, blp, named, send_stored
from server.documents.kinds import DocumentKind
from server.documents.models import Document
from server.documents.offering import Offer
from server.documents.word import DOCX
from server.evidence import rebuilding
from server.http import actor, session, settings, short_transaction, store
from server.problems import DocumentNotPossible
from server.view_marks import untransacted


@blp.get("/documents/possible")
@blp.arguments(schemas.AboutSchema, location="query")
@blp.response(200, schemas.OfferSchema(many=True))
def list_possible_documents(about: dict[str, Any]) -> list[Offer]:
    """List the documents about a task (with its records), a record, a result or a follow-up, and what each lacks."""
    return service.offers(session, actor, about["subject_kind"], about["subject_id"])


@blp.put("/documents/drafts")
@blp.arguments(schemas.DraftSchema)
@blp.response(200, schemas.OfferSchema)
def write_document_draft(given: dict[str, Any]) -> Offer:
    """Keep what a person writes for a document that is not issued yet."""
    return service.write_draft(
        session, actor, given["subject_kind"], given["subject_id"], given["kind"], given["entered"]
    )


@blp.get("/documents/drafts/pdf")
@blp.arguments(schemas.PaperQuerySchema, location="query")
@blp.response(200, content_type=PDF)
@untransacted
def print_document_draft(query: dict[str, Any]) -> Response:
    """Print a draft, marked 草稿 on every page."""
    with short_transaction(writing=False) as reading:
        paper = service.prepare(
            reading, actor, query["subject_kind"], query["subject_id"], query["kind"], draft=True
        )
    pdf = service.print_paper(paper, store(), None, _make_anew)
    return named(Response(pdf, mimetype=PDF), f"{query['kind'].chinese}（草稿）.pdf")


@blp.get("/documents/drafts/docx")
@blp.arguments(schemas.PaperQuerySchema, location="query")
@blp.response(200, content_type=DOCX)
def write_document_draft_as_word(query: dict[str, Any]) -> Response:
    """Write a draft as a Word file, in the bureau's template."""
    about = (query["subject_kind"], query["subject_id"], query["kind"])
    docx = service.draft_docx(session, actor, *about)
    return named(Response(docx, mimetype=DOCX), f"{query['kind'].chinese}（草稿）.docx")


@blp.post("/documents")
@blp.arguments(schemas.DocumentOrderSchema)
@blp.response(201, schemas.DocumentSchema)
@untransacted
def issue_document(order: dict[str, Any]) -> Document:
    """Issue a document: numbered, frozen, its hash in the audit log. Refused while mandatory fields are empty."""
    about = (order["subject_kind"], order["subject_id"], order["kind"])
    # The code on the paper must lead there from outside, too, whatever name the bureau itself knows this house by.
    address = settings().site_url or request.host_url.rstrip("/")
    for _ in range(service.TRIES):
        with short_transaction(writing=False) as reading:
            paper = service.prepare(reading, actor, *about, draft=False)
        pdf = service.print_paper(paper, store(), address, _make_anew)
        kept, pages = service.keep(store(), pdf), service.count_pages(pdf)
        with short_transaction() as writing:
            document = service.enter(writing, actor, paper, kept, pages, order["reason"])
        if document is not None:
            return document
    raise DocumentNotPossible(state="changing").with_headers(Retry_After="2")


@blp.get("/documents/<uuid:document_id>")
@blp.response(200, schemas.DocumentSchema)
def show_document(document_id: UUID) -> Document:
    """Show a document that was issued."""
    return service.find_document(session, actor, document_id)


@blp.get("/documents/<uuid:document_id>/pdf")
@blp.response(200, content_type=PDF)
def send_document(document_id: UUID) -> Response:
    """Send the PDF as it was issued, byte for byte."""
    document = service.find_document(session, actor, document_id)
    title = DocumentKind(document.kind).chinese
    return send_stored(store(), document.file_sha256, f"{title} {document.number}.pdf")


@blp.get("/documents/<uuid:document_id>/docx")
@blp.response(200, content_type=DOCX)
def send_document_as_word(document_id: UUID) -> Response:
    """Send what it says as a Word file, in the template in use now: a copy to work on, not the document."""
    document, docx = service.issued_docx(session, actor, document_id)
    title = DocumentKind(document.kind).chinese
    return named(Response(docx, mimetype=DOCX), f"{title} {document.number}.docx")


@blp.post("/documents/<uuid:document_id>/withdraw")
@blp.arguments(schemas.DocumentWithdrawalSchema)
@blp.response(200, schemas.DocumentSchema)
def withdraw_document(given: dict[str, str], document_id: UUID) -> Document:
    """Withdraw a document; it stays, and whoever checks it is told."""
    return service.withdraw(session, actor, document_id, given["reason"])


def _make_anew(shas: list[str]) -> None:
    with short_transaction() as writing:
        rebuilding.make_anew(writing, shas)
