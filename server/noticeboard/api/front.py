"""The front: home, what this is and whose, the feed of announcements, what machines are told, and what pages wear."""

from flask import Response, render_template, send_file, url_for
from sqlalchemy import select
from werkzeug.exceptions import NotFound

from server.accounts.models import Organisation
from server.http import session
from server.noticeboard import announcements
from server.noticeboard.api.blueprint import LANGUAGE, pages, root
from server.noticeboard.showing import ASSETS, address_of, guarded, keep_asset, kept, show
from server.view_marks import public

NEWEST = 12
FEED = 50
_FOR_MACHINES = (
    "show_home",
    "list_lists",
    "list_plans",
    "list_schemes",
    "list_draws",
    "show_data",
    "show_about",
)


@pages.get("/")
@public
def show_front() -> Response:
    """Show the home page in Chinese: this is the address that people are told."""
    return _home()


@pages.get(f"{LANGUAGE}/")
@public
def show_home() -> Response:
    """Show what this is, what is new, and a field to search in."""
    return _home()


def _home() -> Response:
    return show("home", news=announcements.newest(session, NEWEST))


@pages.get(f"{LANGUAGE}/about")
@public
def show_about() -> Response:
    """Show whose site this is, how to reach them, and how to object."""
    bureaus = session.scalars(
        select(Organisation.name).order_by(Organisation.region, Organisation.name).limit(200)
    )
    return show("about", bureaus=bureaus.all())


@pages.get(f"{LANGUAGE}/feed.atom")
@public
def send_feed() -> Response:
    """Send the newest announcements as an Atom feed (RFC 4287)."""
    news = announcements.newest(session, FEED)
    text = render_template("noticeboard/feed.xml", news=news)
    return kept(Response(text, mimetype="application/atom+xml"))


@pages.get("/sitemap.xml")
@public
def send_sitemap() -> Response:
    """Send the pages that search engines may keep: what was announced, never what was found at somebody's."""
    news = announcements.newest(session, 1000)
    addresses = [address_of(url_for(f".{name}")) for name in _FOR_MACHINES]
    addresses += [address_of(url_for(f".{each.endpoint}", **each.place)) for each in news]
    text = render_template("noticeboard/sitemap.xml", addresses=addresses)
    return kept(Response(text, mimetype="application/xml"))


@root.get("/robots.txt")
@public
def send_robots() -> Response:
    """Tell search engines where to stay out: results are looked up here, where a withdrawn one is gone at once."""
    places = ("/api/", "/phone/", "/console/", "/openrosa/", "/public/*/results", "/public/*/objects")
    lines = ["User-agent: *", *(f"Disallow: {place}" for place in places)]
    lines.append(f"Sitemap: {address_of('/public/sitemap.xml')}")
    return kept(Response("\n".join(lines) + "\n", mimetype="text/plain"), 86400)


@pages.get("/assets/<string:name>")
@public
def send_asset(name: str) -> Response:
    """Send what pages wear; kept for a year under the hash of what it is."""
    path = ASSETS.get(name)
    if path is None or not path.is_file():
        raise NotFound
    return guarded(keep_asset(send_file(path), name))


@pages.get(f"{LANGUAGE}/<path:rest>")
@public
def show_nothing(rest: str) -> Response:
    """Show that there is no such page, and where to go."""
    raise NotFound(rest)
