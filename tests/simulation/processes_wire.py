"""A phone's line to one of several servers, which breaks at any byte, either way, and is slow now and then."""

import http.client
import json
import random
import socket
import struct
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.message import Message
from typing import Any, Literal
from urllib.parse import urlencode

PATIENCE = 20.0
Fault = Literal["request cut", "reply cut", "reply lost"]


class LineBroken(OSError):
    """Nobody answered, or not to the end."""


@dataclass(frozen=True)
class Answer:
    """A reply, as the cast reads one."""

    status_code: int
    headers: Message
    data: bytes

    @property
    def is_json(self) -> bool:
        return "json" in self.headers.get("Content-Type", "")

    def get_json(self) -> Any:
        return json.loads(self.data)

    def get_data(self, *, as_text: bool = False) -> Any:
        return self.data.decode(errors="replace") if as_text else self.data


@dataclass(frozen=True)
class Letter:
    """A request as bytes, to be sent to any server, any number of times."""

    content: bytes
    method: str

    @classmethod
    def of(cls, method: str, path: str, token: str | None, options: Mapping[str, Any]) -> "Letter":
        """Write a request from what the test client would be given."""
        given = dict(options)
        body: bytes = given.pop("data", None) or b""
        headers = {"Host": "127.0.0.1", "Connection": "close", **(given.pop("headers", None) or {})}
        if "json" in given:
            body = json.dumps(given.pop("json"), ensure_ascii=False).encode()
            headers["Content-Type"] = "application/json"
        if token:
            headers["Authorization"] = f"Bearer {token}"
        if query := given.pop("query_string", None):
            path = f"{path}?{urlencode(query)}"
        if method != "GET":
            headers["Content-Length"] = str(len(body))
        given.pop("buffered", None)
        assert not given, f"a line does not know {sorted(given)}"
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return cls(f"{method} {path} HTTP/1.1\r\n{head}\r\n".encode() + body, method)


def carry(letter: Letter, port: int, dice: random.Random, fault: Fault | None = None) -> Answer:
    """Send a request and read the reply; raises LineBroken when the line breaks, by itself or as wanted."""
    try:
        with socket.create_connection(("127.0.0.1", port), PATIENCE) as line:
            if fault == "request cut":
                line.sendall(letter.content[: dice.randrange(len(letter.content))])
                _hang_up(line, dice)
                raise LineBroken(fault)
            line.sendall(letter.content)
            if fault == "reply lost":
                time.sleep(dice.random() / 20)
                _hang_up(line, dice)
                raise LineBroken(fault)
            if fault == "reply cut":
                line.recv(dice.randint(1, 400))
                _hang_up(line, dice)
                raise LineBroken(fault)
            with http.client.HTTPResponse(line, method=letter.method) as reply:
                reply.begin()
                data = reply.read()
                return Answer(reply.status, reply.headers, data)
    except (OSError, http.client.HTTPException) as error:
        raise LineBroken(str(error)) from error


def _hang_up(line: socket.socket, dice: random.Random) -> None:
    """Close (FIN), or break (RST) as when a phone's address changes under it."""
    if dice.random() < 0.5:
        with suppress(OSError):
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
