"""How a page is shown: its language, its words, its address, and what browsers and caches are told of it.

Every page has one address in each language (`/public/zh/…`, `/public/en/…`) and one content there: any cache may keep
it, and whoever is sent the address reads the same (docs/decisions/0043).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from http import HTTPStatus
from math import ceil
from pathlib import Path
from typing import Any, Generic, TypeVar

from flask import Response, g, render_template, request, url_for
from markupsafe import Markup

from server import clock
from server.http import settings
from server.noticeboard.words import WORDS

CHINESE, ENGLISH = "zh", "en"
KEPT_SECONDS = 60
_YEAR = 31536000
_HERE = Path(__file__).parent
_BUILT = _HERE.parent.parent / "web" / "public" / "dist"
_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ASSETS = {
    "site.css": _HERE / "site.css",
    "site.svg": _HERE / "site.svg",
    "checking.js": _BUILT / "checking.js",
}
"""What pages are dressed with; the last is built by `make web`, and pages do without it."""

Row = TypeVar("Row")


@dataclass(frozen=True)
class Leaf(Generic[Row]):
    """One leaf of a document that is too long for one page: its rows, and where it stands. Counted from 1."""

    rows: Sequence[Row]
    number: int
    count: int
    first: int

    @classmethod
    def of(cls, rows: Sequence[Row], number: int, size: int) -> "Leaf[Row]":
        """Take a leaf out of all rows; one behind the last is the last."""
        count = max(1, ceil(len(rows) / size))
        number = min(number, count)
        first = (number - 1) * size
        return cls(rows[first : first + size], number, count, first + 1)


def say(text: str, **given: Any) -> str:
    """Say something in the page's language; an English text that has no Chinese is a mistake (KeyError)."""
    return (WORDS[text] if g.language == CHINESE else text).format(**given)


def show(template: str, status: int = HTTPStatus.OK, **facts: Any) -> Response:
    """Show a page; what was not found or refused is not kept, all else for a minute, and 304 after that."""
    response = Response(
        render_template(f"noticeboard/{template}.html", **facts), status, mimetype="text/html"
    )
    response.headers["Content-Language"] = "zh-CN" if g.language == CHINESE else "en"
    return guarded(response) if status != HTTPStatus.OK else kept(guarded(response))


def guarded(response: Response) -> Response:
    """Tell browsers to run and fetch nothing but ours, and to tell nobody where a reader came from."""
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    return response


def kept(response: Response, seconds: int = KEPT_SECONDS) -> Response:
    """Let an answer be kept for a while; whoever asks again with its tag gets 304 where it still is the same."""
    response.cache_control.public, response.cache_control.max_age = True, seconds
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32])
    response.make_conditional(request)
    return response


def asset_digest(name: str) -> str:
    """Hash what a page is dressed with; empty where it is not built."""
    path = ASSETS[name]
    return _digest(path, path.stat().st_mtime_ns) if path.is_file() else ""


def keep_asset(response: Response, name: str) -> Response:
    """Let an asset be kept for a year by whoever asked for it as it is now."""
    if request.args.get("v") == asset_digest(name):
        response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    return response


def words_of_a_page() -> dict[str, Any]:
    """Give every template what all of them need."""
    site = settings()
    return {
        "say": say,
        "language": g.language,
        "site": site,
        "site_name": site.site_name if g.language == CHINESE else site.site_name_english,
        "colon": "：" if g.language == CHINESE else ": ",
        "moment": moment,
        "asset": _asset,
        "here": address_of(request.full_path.rstrip("?")),
        "in_language": _in_language,
        "leading": _leading,
        "absolute": address_of,
        "written": clock.iso,
        "today": clock.today().isoformat(),
    }


def address_of(path: str) -> str:
    """Write a path as a whole address, as the bureau told it, or as it was asked for."""
    return (settings().site_url or request.url_root.rstrip("/")) + path


def moment(value: datetime | date | str | None) -> Markup:
    """Write a moment or a day in the bureau's time; nothing for none."""
    if not value:
        return Markup("")
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    if not isinstance(value, datetime):
        return Markup('<time datetime="{0}">{0}</time>').format(value.isoformat())
    local = value.astimezone(settings().zone)
    return Markup('<time datetime="{}">{}</time>').format(clock.iso(value), local.strftime("%Y-%m-%d %H:%M"))


@lru_cache(maxsize=16)
def _digest(path: Path, _changed: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]


def _asset(name: str) -> str:
    digest = asset_digest(name)
    return url_for(".send_asset", name=name, v=digest) if digest else ""


def _leading(changed: dict[str, Any]) -> str:
    """Write the address of this page with some of its arguments changed; None takes one out."""
    arguments = request.args.to_dict(flat=True) | (request.view_args or {}) | changed
    return url_for(
        request.endpoint or ".show_home",
        **{name: value for name, value in arguments.items() if value is not None},
    )


def _in_language(language: str) -> str:
    """Write the address of this very page in a language."""
    endpoint = request.endpoint or ".show_home"
    if endpoint.endswith(".show_front"):
        endpoint = ".show_home"
    arguments = request.args.to_dict(flat=True) | (request.view_args or {})
    return url_for(endpoint, **(arguments | {"language": language}))
