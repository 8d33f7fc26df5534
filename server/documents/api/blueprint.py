"""The one blueprint of documents, and the one of what everybody may check; how their files are sent."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from flask import Response

from media import Reading, Store, StoreError
from server.blueprint import Blueprint
from server.problems import StoreUnavailable

blp = Blueprint("documents", __name__, url_prefix="/api/v1", description="Statutory documents")
public_blp = Blueprint(
    "public_documents", __name__, url_prefix="/public", description="Is a document genuine"
)

PDF: Final = "application/pdf"


def send_stored(store: Store, sha256: str, name: str) -> Response:
    """Send a stored PDF piece by piece."""
    try:
        reading = store.open(sha256)
    except StoreError as error:
        raise StoreUnavailable().with_headers(Retry_After="5") from error
    response = named(Response(_pieces(reading), mimetype=PDF, direct_passthrough=True), name)
    response.content_length = reading.length
    return response


def named(response: Response, name: str) -> Response:
    """Name a file, in Chinese too (RFC 6266); browsers show a PDF."""
    response.headers["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(name, safe='')}"
    return response


def _pieces(reading: Reading) -> Iterator[bytes]:
    with reading:
        for piece in reading:
            yield bytes(piece)
