"""Reading what a request brings, within bounds: what can't be followed or stored is refused, never a failure."""

import gzip
import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from flask import request
from marshmallow import missing
from webargs.flaskparser import FlaskParser

from server import problems
from server.schema import Schema


class BoundedParser(FlaskParser):
    """Reads what a request gives; JSON that can't be followed or written again is unreadable, not a failure."""

    def use_args(self, argmap: Any, *args: Any, **options: Any) -> Any:
        """Give a view what a request gives, read by a schema that is made once and not at every request."""
        return super().use_args(argmap() if isinstance(argmap, type) else argmap, *args, **options)

    def parse(self, argmap: Any, req: Any = None, *, location: str | None = None, **options: Any) -> Any:
        """Read what is asked. A phone for which nothing is new asks again with the same words, which are known then."""
        if location != "query" or not (isinstance(argmap, Schema) and argmap.is_repeated):
            return super().parse(argmap, req, location=location, **options)
        return dict(self._read_query(argmap, request.query_string, **options))

    @lru_cache(maxsize=1024)  # noqa: B019 - there is one parser, as long as the process lives
    def _read_query(self, schema: Any, _words: bytes, **options: Any) -> Mapping[str, Any]:
        read: Mapping[str, Any] = super().parse(schema, location="query", **options)
        return read

    def load_json(self, req: Any, schema: Any) -> Any:
        """Read the body. NUL and half of a surrogate pair (RFC 8259, 8.2) are refused, also in a name: nothing stores them."""
        try:
            read = super().load_json(req, schema)
            if b"\\u" in req.get_data() and read is not missing:
                text = json.dumps(read, ensure_ascii=False)
                text.encode()
                if r"\u0000" in text.replace("\\\\", ""):
                    raise problems.RequestUnreadable("含空字符", "a NUL character")
        except RecursionError as error:
            raise problems.RequestUnreadable("嵌套过深", "nested too deeply") from error
        except UnicodeEncodeError as error:
            raise problems.RequestUnreadable("字符不完整", "half of a surrogate pair") from error
        except ValueError as error:  # more digits than `sys.get_int_max_str_digits`
            raise problems.RequestUnreadable("数字过长", "a number with too many digits") from error
        return read


def inflate() -> None:
    """Take gzip-encoded request bodies, within the same limit once inflated."""
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding == "identity":
        return
    if encoding != "gzip":
        raise problems.MediaTypeWrong("Content-Encoding: gzip, identity")
    limit = request.max_content_length or 0
    try:
        with gzip.GzipFile(fileobj=request.stream) as inflated:
            body = inflated.read(limit + 1)
    except (OSError, EOFError) as error:
        raise problems.RequestUnreadable("gzip 内容不完整", "the gzip body is broken") from error
    if len(body) > limit:
        raise problems.RequestTooLarge(limit=limit)
    vars(request)["_cached_data"] = body
