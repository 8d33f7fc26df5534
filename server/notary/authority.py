"""Asking a time-stamp authority (TSA) over HTTP, and believing its answer only when all of it holds."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import requests
import urllib3
from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)
from rfc3161_client.tsp import PKIStatus

from server.settings import Settings, WrongSettingError

LARGEST_REPLY: Final = 64 * 1024
_SHA256: Final = "2.16.840.1.101.3.4.2.1"
_HEADERS: Final = {
    "Content-Type": "application/timestamp-query",
    "Accept": "application/timestamp-reply",
    "Accept-Encoding": "identity",
}


class StampRefusedError(Exception):
    """There is no time-stamp: the authority is down, refuses, or its answer does not hold. Says why."""


@dataclass(frozen=True)
class Stamp:
    """An answer that holds: its exact bytes (TimeStampResp, DER), the moment and the SHA-256 it is about."""

    data: bytes
    at: datetime
    imprint: bytes


@dataclass(frozen=True)
class TimeStampAuthority:
    """An authority at a URL, trusted if its certificate leads to one of `roots`. Times in seconds.

    `patience` bounds the whole answer, however slowly it comes.
    """

    url: str
    roots: Sequence[Certificate]
    connect_timeout: float = 5.0
    read_timeout: float = 10.0
    patience: float = 20.0

    def stamp(self, message: bytes) -> Stamp:
        """Have a message stamped, by its SHA-256. Raises StampRefusedError."""
        request = TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256).build()
        reply = self._ask(request.as_bytes())
        try:
            response = decode_timestamp_response(reply)
            if response.status != PKIStatus.GRANTED:
                raise StampRefusedError(f"the authority refuses: {'; '.join(response.status_string)}")
            verifier = VerifierBuilder.from_request(request)
            for root in self.roots:
                verifier = verifier.add_root_certificate(root)
            verifier.build().verify(response, hashlib.sha256(message).digest())
        except (VerificationError, ValueError) as error:
            raise StampRefusedError(f"the time-stamp does not hold: {error}") from error
        return read_stamp(reply)

    def _ask(self, body: bytes) -> bytes:
        try:
            with requests.post(
                self.url,
                data=body,
                headers=_HEADERS,
                timeout=(self.connect_timeout, self.read_timeout),
                allow_redirects=False,
                stream=True,
            ) as response:
                if response.status_code != requests.codes.ok:
                    raise StampRefusedError(f"the authority answered {response.status_code}")
                return self._read(response.raw)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise StampRefusedError(f"{type(error).__name__}: {error}") from error

    def _read(self, raw: Any) -> bytes:
        end, reply = time.monotonic() + self.patience, b""
        while piece := raw.read1(LARGEST_REPLY + 1 - len(reply)):
            reply += piece
            if len(reply) > LARGEST_REPLY:
                raise StampRefusedError("the answer is too large")
            if time.monotonic() > end:
                raise StampRefusedError("the answer is too slow")
        return reply


def read_stamp(data: bytes) -> Stamp:
    """Read what a stamp says; it is not verified here. Raises StampRefusedError when it says nothing."""
    try:
        info = decode_timestamp_response(data).tst_info
        imprint = info.message_imprint
        if imprint.hash_algorithm.dotted_string != _SHA256:
            raise StampRefusedError("the time-stamp is not over a SHA-256")
        return Stamp(data, info.gen_time, imprint.message)
    except ValueError as error:
        raise StampRefusedError(f"no time-stamp: {error}") from error


def verify_stamp(data: bytes, message: bytes, roots: Sequence[Certificate]) -> None:
    """Check that a kept stamp over a message was signed by an authority that leads to one of `roots`.

    Its certificates had to be valid at the moment that it tells, not today. Raises StampRefusedError.
    """
    verifier = VerifierBuilder()
    for root in roots:
        verifier = verifier.add_root_certificate(root)
    try:
        verifier.build().verify_message(decode_timestamp_response(data), message)
    except (VerificationError, ValueError) as error:
        raise StampRefusedError(f"the time-stamp does not hold: {error}") from error


def trusted_roots(settings: Settings) -> Sequence[Certificate]:
    """Read the root certificates of the authority that settings name; none where they name none."""
    authority = open_authority(settings)
    return authority.roots if authority else ()


def open_authority(settings: Settings) -> TimeStampAuthority | None:
    """Make the authority that settings name; None if they name none. Raises WrongSettingError."""
    if not settings.tsa_url:
        return None
    try:
        roots = load_pem_x509_certificates(Path(settings.tsa_certificates).read_bytes())
    except (OSError, ValueError) as error:
        raise WrongSettingError(
            f"MERESTONE_TSA_CERTIFICATES={settings.tsa_certificates!r}: {error}"
        ) from error
    return TimeStampAuthority(settings.tsa_url, roots)
