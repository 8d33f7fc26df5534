"""Somebody in the cast who writes forms and publishes them."""

from typing import Any

from server.access import Role
from tests.actors.cast import Cast
from tests.actors.someone import Someone

FORMS = "/api/v1/forms"
MARKDOWN = "text/markdown"


class Author(Someone):
    """Somebody at a console with a form's source in hand."""

    def writes(self, source: str | bytes, kind: str = MARKDOWN, expect: int = 201) -> Any:
        """Make a draft."""
        return self.post(FORMS, data=source, content_type=kind, expect=expect)

    def rewrites(self, draft: str, source: str | bytes, kind: str = MARKDOWN, expect: int = 200) -> Any:
        return self.put(f"{FORMS}/drafts/{draft}", data=source, content_type=kind, expect=expect)

    def draft(self, draft: str, expect: int = 200) -> Any:
        return self.get(f"{FORMS}/drafts/{draft}", expect=expect)

    def drafts(self) -> Any:
        return self.get(f"{FORMS}/drafts")

    def previews(self, draft: str, expect: int = 200) -> Any:
        return self.get(f"{FORMS}/drafts/{draft}/preview", expect=expect)

    def publishes(self, draft: str, expect: int = 201) -> Any:
        return self.post(f"{FORMS}/drafts/{draft}/publish", expect=expect)

    def writes_and_publishes(self, source: str | bytes, kind: str = MARKDOWN, expect: int = 201) -> Any:
        return self.publishes(self.writes(source, kind)["id"], expect=expect)

    def retires(self, form_id: str, version: str, expect: int = 200) -> Any:
        return self.post(f"{FORMS}/{form_id}/versions/{version}/retire", expect=expect)

    def restores(self, form_id: str, version: str, expect: int = 200) -> Any:
        return self.post(f"{FORMS}/{form_id}/versions/{version}/restore", expect=expect)

    def compares(self, form_id: str, old: str, new: str, expect: int = 200) -> Any:
        return self.get(f"{FORMS}/{form_id}/versions/{old}/compare/{new}", expect=expect)


def author(cast: Cast, *roles: Role) -> Author:
    """An author who has signed in; by default somebody who may publish."""
    person = cast.person(*(roles or (Role.ADMIN,)))
    signed_in = Author(cast.app, person.username, person.person_id)
    signed_in.sign_in()
    return signed_in
