"""A push gateway (企业微信, a phone maker's push) is told whose phones should pull. Best effort: who is not told pulls later.

Runs in a thread of the worker, after commit and apart from everything: a gateway that hangs holds up nothing.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol
from uuid import UUID

import requests
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from server import audit, clock, feed
from server.accounts import regions
from server.accounts.models import Device, Region
from server.db import Sessions, canonical_json
from server.exchange.scope import SHARED
from server.nudges import moved
from server.platform.signing import signed_headers
from server.settings import Settings

log = logging.getLogger("merestone.gateway")

#: People in one message.
MOST_PEOPLE: Final = 500


class Gateway(Protocol):
    """Carries nudges to people's phones. `nudge` takes no longer than its own timeouts and raises for no network."""

    def nudge(self, people: Sequence[UUID], seq: int) -> bool:
        """Ask for some people's phones to pull, because of something up to an entry of the log; False if it failed."""


@dataclass(frozen=True)
class SignedGateway:
    """`POST {url}` with `{"nudge": "pull", "people": [ids], "seq"}`, signed as deliveries are. Timeouts in seconds."""

    url: str
    app_key: str
    secret: str
    connect_timeout: float = 3.0
    read_timeout: float = 5.0

    def nudge(self, people: Sequence[UUID], seq: int) -> bool:
        """Send one message; 2xx is all that is asked of the answer, whose body is not read."""
        body = canonical_json({"nudge": "pull", "people": [str(each) for each in people], "seq": seq})
        headers = signed_headers(self.app_key, self.secret, clock.now(), f"nudge/{seq}/{people[0]}", body)
        try:
            with requests.post(
                self.url,
                data=body,
                headers=headers | {"Content-Type": "application/json; charset=utf-8"},
                timeout=(self.connect_timeout, self.read_timeout),
                allow_redirects=False,
                stream=True,
            ) as response:
                if response.ok and not response.is_redirect:
                    return True
                log.warning("the gateway took no nudges", extra={"status": response.status_code})
        except (requests.RequestException, OSError) as error:
            log.warning("the gateway was not reached", extra={"reason": str(error)[:300]})
        return False


@dataclass
class Ringing:
    """Watches how far the log has come, and tells the gateway of everybody whose feed changed since."""

    readers: Sessions
    gateway: Gateway
    _seen: int | None = field(default=None)

    def ring(self) -> bool:
        """Do one round; there is never more to do at once. What can't be told now is not told later."""
        try:
            with self.readers.begin() as session:
                head, _ = audit.head(session)
                seen, self._seen = self._seen, head
                if seen is None or head == seen:
                    return False
                people = set(session.scalars(select(Device.person_id).where(Device.blocked_at.is_(None))))
                # Who listens to the channel of a region is not asked: one pull too many is cheap, and notices are rare.
                codes = session.scalars(select(Region.code))
                shared = {feed.channel(each) for each in (*SHARED, *map(regions.channel_of, codes))}
                fed = moved(session, shared | set(map(feed.user, people)), seen)
        except SQLAlchemyError as error:
            log.warning("nobody was nudged", extra={"reason": str(error)[:300]})
            return False
        told = sorted(each for each in people if shared & fed or feed.user(each) in fed)
        for start in range(0, len(told), MOST_PEOPLE):
            if not self.gateway.nudge(told[start : start + MOST_PEOPLE], head):
                break  # the rest would wait for the same timeouts
        return False


def open_gateway(settings: Settings) -> Gateway | None:
    """Return the gateway that settings name; None where there is none."""
    if not settings.nudge_url:
        return None
    return SignedGateway(settings.nudge_url, settings.nudge_app_key, settings.nudge_secret)
