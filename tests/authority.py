"""A real time-stamp authority for the tests: `openssl ts` behind HTTP, with certificates of its own."""

import shutil
import subprocess
import threading
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

_SIGNER = ("-signer", "signer.pem", "-inkey", "key.pem")
_SAID = "1.2.840.113549.1.9.16.1.4"  # id-ct-TSTInfo
_CONFIGURATION = """
[tsa]
default_tsa = this
[this]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""


def find_openssl() -> str:
    """The program that stamps. It is part of what the tests need; without it they fail."""
    found = shutil.which("openssl")
    if found is None:
        raise RuntimeError(
            "no `openssl`: install it (Debian: apt install openssl); it is the tests' authority"
        )
    return found


class Authority:
    """One authority: a root certificate, a signer below it, and what it answers.

    `answer` may be replaced by a test: it gets the query and gives status, headers and the body in pieces.
    """

    def __init__(self, folder: Path, usage=x509.ExtendedKeyUsageOID.TIME_STAMPING, critical=True) -> None:
        self.folder, self.openssl = folder, find_openssl()
        self.asked, self.url = [], ""
        self.answer = self.answers
        folder.mkdir()
        root, root_key = _certificate("Test Root", None, None)
        signer, key = _certificate("Test TSA", root, root_key, (usage, critical))
        self.root_file = folder / "root.pem"
        self.root_file.write_bytes(root.public_bytes(serialization.Encoding.PEM))
        (folder / "signer.pem").write_bytes(signer.public_bytes(serialization.Encoding.PEM))
        (folder / "key.pem").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        (folder / "openssl.cnf").write_text(_CONFIGURATION.format(folder=folder))

    def reply(self, query: bytes) -> bytes:
        """Stamp a query, as `openssl ts -reply` does."""
        (self.folder / "query.tsq").write_bytes(query)
        self._run("ts -reply -queryfile query.tsq -config openssl.cnf -out reply.tsr", *_SIGNER)
        return (self.folder / "reply.tsr").read_bytes()

    def sign_as(self, reply: bytes) -> bytes:
        """Sign what another authority's reply says, as a program would that does not look at certificates."""
        (self.folder / "other.tsr").write_bytes(reply)
        self._run("ts -reply -in other.tsr -token_out -out token.der")
        self._run("cms -verify -noverify -inform DER -in token.der -out said.der")
        self._run(
            f"cms -sign -binary -nodetach -econtent_type {_SAID} -in said.der -outform DER -out own.der",
            *_SIGNER,
        )
        token = (self.folder / "own.der").read_bytes()
        return _sequence(_sequence(b"\2\1\0") + token)

    def _run(self, command: str, *more: str) -> None:
        run = subprocess.run(
            [self.openssl, *command.split(), *more], cwd=self.folder, capture_output=True, check=False
        )
        assert run.returncode == 0, run.stderr.decode()

    def answers(self, query: bytes):
        """Answer as an authority should."""
        return 200, {"Content-Type": "application/timestamp-reply"}, [self.reply(query)]

    def verifies(self, data: Path, reply: Path) -> bool:
        """What `openssl ts -verify` says."""
        command = ["ts", "-verify", "-data", data, "-in", reply, "-CAfile", self.root_file]
        run = subprocess.run([self.openssl, *command], capture_output=True, text=True, check=False)
        return run.returncode == 0 and "Verification: OK" in run.stdout

    @contextmanager
    def serving(self):
        """Answer at `url` until the block ends."""
        server = ThreadingHTTPServer(("127.0.0.1", 0), _handler_of(self))
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_address[1]}/tsa"
        try:
            yield self
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


def _handler_of(authority):
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            query = self.rfile.read(int(self.headers["Content-Length"]))
            authority.asked.append((self.headers["Content-Type"], query))
            status, headers, pieces = authority.answer(query)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                for piece in pieces:
                    self.wfile.write(piece)
            except OSError:
                pass  # whoever asked has had enough

        def log_message(self, *_):
            pass

    return Handler


def dripping(reply: bytes, seconds: float = 0.05):
    """A body that comes a byte at a time."""
    for byte in reply:
        yield bytes([byte])
        time.sleep(seconds)


def _certificate(name, issuer, issuer_key, usage=None):
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    if issuer is not None:
        authority_key = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.public_key())
        builder = builder.add_extension(authority_key, critical=False)
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage[0]]), critical=usage[1])
        builder = builder.add_extension(_signs_only(), critical=True)
    return builder.sign(issuer_key or key, hashes.SHA256()), key


def _sequence(content: bytes) -> bytes:
    length = len(content)
    head = bytes([length]) if length < 128 else b"\x82" + length.to_bytes(2, "big")
    return b"0" + head + content


def _signs_only():
    kinds = [
        "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement",
        "key_cert_sign", "crl_sign", "encipher_only", "decipher_only",
    ]  # fmt: skip
    return x509.KeyUsage(**{kind: kind == "digital_signature" for kind in kinds})
