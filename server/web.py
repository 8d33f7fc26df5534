"""The web applications as files, built by `make web`: the phone at /phone/, the console at /console/. Nothing comes from elsewhere."""

import mimetypes
from dataclasses import dataclass
from pathlib import Path

from flask import Blueprint as Pages
from flask import Response, redirect, render_template_string, request, send_from_directory
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from server.http import settings
from server.view_marks import public

pages = Pages("web", __name__)
_WEB = Path(__file__).parent.parent / "web"
_HASHED = "assets/"
_PREVIOUS = "previous/"
_YEAR = 31536000
# As the build writes them beside each text, the smaller first.
_ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
# WebAssembly is the form engine's and the PIN's; blob: shows photos and recordings that lie on the phone; the font of
# icons is within the styles.
_POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' blob: data:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self'{beside}; "
    "worker-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors {around}; form-action 'self'"
)
# What stands in a frame of the console: a form that is tried out.
_FRAMED = "try.html"
# Asked only where the bureau has a key of its own for it.
_TIANDITU = " https://*.tianditu.gov.cn"
_NOT_BUILT = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>界石</title>
<p>网页尚未构建，请运行 <code>make web</code>。<br>These pages are not built yet; run <code>make web</code>.</p></html>"""


@dataclass(frozen=True)
class Application:
    """A built application: its folder, and which of the browser's senses its pages may use."""

    built: Path
    senses: str


PHONE = Application(_WEB / "phone" / "dist", "camera=(self), microphone=(self), geolocation=(self)")
CONSOLE = Application(_WEB / "console" / "dist", "camera=(), microphone=(), geolocation=()")


@pages.get("/phone")
@public
def lead_to_phone() -> Response:
    """Lead to the phone's own folder, which its service worker is bound to."""
    return redirect("/phone/")  # type: ignore[return-value]


@pages.get("/phone/", defaults={"name": "index.html"})
@pages.get("/phone/<path:name>")
@public
def send_phone(name: str) -> Response | tuple[str, int]:
    """Send a file of the phone."""
    return _answer(PHONE, name)


@pages.get("/console")
@public
def lead_to_console() -> Response:
    """Lead to the console's own folder, which its addresses are in."""
    return redirect("/console/")  # type: ignore[return-value]


@pages.get("/console/", defaults={"name": "index.html"})
@pages.get("/console/<path:name>")
@public
def send_console(name: str) -> Response | tuple[str, int]:
    """Send a file of the console; what is in it is asked for with a session."""
    return _answer(CONSOLE, name)


def _answer(application: Application, name: str) -> Response | tuple[str, int]:
    """Send a file. Names with a hash are kept for a year; all else is asked for anew each time."""
    if not application.built.is_dir():
        return render_template_string(_NOT_BUILT), 503
    response = _send(application.built, _file_of(application.built, name))
    beside = _TIANDITU if settings().tianditu_key else ""
    response.headers["Content-Security-Policy"] = _POLICY.format(
        beside=beside, around="'self'" if application is CONSOLE and name == _FRAMED else "'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Permissions-Policy"] = application.senses
    if name.startswith(_HASHED):
        response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    else:
        response.headers["Cache-Control"] = "no-cache"
    return response


def _file_of(built: Path, name: str) -> str:
    """Name the file that is sent: an asset perhaps of the build before; the page itself for what is no file."""
    if _is_there(built, name):
        return name
    if not name.startswith(_HASHED):
        return "index.html"
    earlier = _PREVIOUS + name.removeprefix(_HASHED)
    if not _is_there(built, earlier):
        raise NotFound
    return earlier


def _is_there(built: Path, name: str) -> bool:
    """Whether a build has a file; what lies outside of it is not even looked for."""
    path = safe_join(str(built), name)
    return path is not None and Path(path).is_file()


def _send(built: Path, name: str) -> Response:
    """Send a file as the build compressed it, where the browser takes that."""
    for encoding, ending in _ENCODINGS:
        if request.accept_encodings.quality(encoding) > 0 and _is_there(built, f"{name}{ending}"):
            response = send_from_directory(
                built, f"{name}{ending}", mimetype=mimetypes.guess_type(name)[0] or "application/octet-stream"
            )
            response.headers["Content-Encoding"] = encoding
            break
    else:
        response = send_from_directory(built, name)
    response.vary.add("Accept-Encoding")
    return response
