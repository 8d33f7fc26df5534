"""How deliveries are signed: app key, timestamp and HMAC-SHA256, as provincial gateways ask for."""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import quote, unquote

APP_KEY = "X-App-Key"
TIMESTAMP = "X-Timestamp"
SIGNATURE = "X-Signature"
IDEMPOTENCY_KEY = "Idempotency-Key"
TOLERANCE = timedelta(minutes=5)


def signature(app_key: str, secret: str, timestamp: str, key: str, body: bytes) -> str:
    """Sign one delivery: HMAC-SHA256 in hex over app key, timestamp (Unix seconds), key and body, by lines."""
    message = b"\n".join([app_key.encode(), timestamp.encode(), key.encode(), body])
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def signed_headers(app_key: str, secret: str, at: datetime, key: str, body: bytes) -> dict[str, str]:
    """Return the headers of a signed delivery. The key may be Chinese; as a header it is percent-encoded."""
    timestamp = str(int(at.timestamp()))
    return {
        APP_KEY: app_key,
        TIMESTAMP: timestamp,
        SIGNATURE: signature(app_key, secret, timestamp, key, body),
        IDEMPOTENCY_KEY: quote(key, safe=""),
    }


def key_in(headers: Mapping[str, str]) -> str:
    """Return the idempotency key that headers carry; empty when they carry none."""
    return unquote(headers.get(IDEMPOTENCY_KEY, ""))


def is_signed(headers: Mapping[str, str], app_key: str, secret: str, at: datetime, body: bytes) -> bool:
    """Say whether headers sign a body, not longer ago than five minutes."""
    timestamp = headers.get(TIMESTAMP, "")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        return False
    if abs(int(timestamp) - at.timestamp()) > TOLERANCE.total_seconds():
        return False
    expected = signature(app_key, secret, timestamp, key_in(headers), body)
    given = headers.get(SIGNATURE, "").encode()
    return headers.get(APP_KEY) == app_key and hmac.compare_digest(given, expected.encode())
