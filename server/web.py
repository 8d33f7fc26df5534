"""The web applications as files: the phone at /phone/, built by `make web` and served from this machine alone."""

import mimetypes
from pathlib import Path

from flask import Blueprint as Pages
from flask import Response, redirect, render_template_string, request, send_from_directory
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

from server.http import public, settings

pages = Pages("web", __name__)
PHONE = Path(__file__).parent.parent / "web" / "phone" / "dist"
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
    "worker-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"
)
# Asked only where the bureau has a key of its own for it.
_TIANDITU = " https://*.tianditu.gov.cn"
_NOT_BUILT = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>界石</title>
<p>手机端尚未构建，请运行 <code>make web</code>。<br>The phone is not built yet; run <code>make web</code>.</p></html>"""


@pages.get("/phone")
@public
def lead_to_phone() -> Response:
    """Lead to the phone's own folder, which its service worker is bound to."""
    return redirect("/phone/")  # type: ignore[return-value]


@pages.get("/phone/", defaults={"name": "index.html"})
@pages.get("/phone/<path:name>")
@public
def send_phone(name: str) -> Response | tuple[str, int]:
    """Send a file of the phone. Names with a hash are kept for a year; all else is asked for anew each time."""
    if not PHONE.is_dir():
        return render_template_string(_NOT_BUILT), 503
    response = _send(_file_of(name))
    beside = _TIANDITU if settings().tianditu_key else ""
    response.headers["Content-Security-Policy"] = _POLICY.format(beside=beside)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Permissions-Policy"] = "camera=(self), microphone=(self), geolocation=(self)"
    if name.startswith(_HASHED):
        response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
    else:
        response.headers["Cache-Control"] = "no-cache"
    return response


def _file_of(name: str) -> str:
    """Name the file that is sent: an asset perhaps of the build before; the page itself for what is no file."""
    if _is_there(name):
        return name
    if not name.startswith(_HASHED):
        return "index.html"
    earlier = _PREVIOUS + name.removeprefix(_HASHED)
    if not _is_there(earlier):
        raise NotFound
    return earlier


def _is_there(name: str) -> bool:
    """Whether the build has a file; what lies outside of it is not even looked for."""
    path = safe_join(str(PHONE), name)
    return path is not None and Path(path).is_file()


def _send(name: str) -> Response:
    """Send a file as the build compressed it, where the browser takes that."""
    for encoding, ending in _ENCODINGS:
        if request.accept_encodings.quality(encoding) > 0 and _is_there(f"{name}{ending}"):
            response = send_from_directory(
                PHONE, f"{name}{ending}", mimetype=mimetypes.guess_type(name)[0] or "application/octet-stream"
            )
            response.headers["Content-Encoding"] = encoding
            break
    else:
        response = send_from_directory(PHONE, name)
    response.vary.add("Accept-Encoding")
    return response
