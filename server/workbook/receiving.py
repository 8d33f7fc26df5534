"""Taking a workbook out of a request: a multipart file called `file`, or the body itself."""

from typing import Any

from flask import request

from server.problems import ImportUnreadable

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_BINARY = {"type": "string", "format": "binary"}

# The request's body, for the API's description.
WORKBOOK_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {"type": "object", "required": ["file"], "properties": {"file": _BINARY}}
        },
        XLSX: {"schema": _BINARY},
    },
}


def receive_workbook(limit: int) -> bytes:
    """Receive a workbook of at most `limit` bytes; a larger one is 413 before it is read."""
    request.max_content_length = limit
    if (request.mimetype or "").startswith("multipart/"):
        sent = request.files.get("file")
        if sent is None:
            raise ImportUnreadable("缺少名为 file 的文件。", "The form has no file called “file”.")
        content: bytes = sent.read()
        return content
    body: bytes = request.get_data(cache=False)
    return body
