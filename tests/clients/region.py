"""A proxy that plays the hosts of a region, for programs whose endpoint cannot be set.

``python -m tests.clients.region FOLDER FC_URL OBJECTS_URL`` prints how a program is pointed to it. The program must
trust the authority ``FOLDER/ca.pem``; other hosts are left alone.
"""

from __future__ import annotations

import contextlib
import datetime
import fnmatch
import select
import socket
import socketserver
import ssl
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAYS = 7
MOST_HEAD = 65_536


def certificate(folder: Path, names: list[str]) -> ssl.SSLContext:
    """Certificates of these hosts by an authority that is made here; its own is ``ca.pem``."""
    folder.mkdir(parents=True, exist_ok=True)
    authority, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A region on this machine")])
    own = _signed(issuer, issuer, authority, authority, x509.BasicConstraints(ca=True, path_length=0))
    hosts = x509.SubjectAlternativeName([x509.DNSName(name) for name in names])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    leaf = _signed(subject, issuer, key, authority, hosts)
    (folder / "ca.pem").write_bytes(own.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    form = serialization.PrivateFormat.PKCS8
    secret = key.private_bytes(serialization.Encoding.PEM, form, plain)
    (folder / "leaf.pem").write_bytes(leaf.public_bytes(serialization.Encoding.PEM) + secret)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "leaf.pem")
    (folder / "leaf.pem").unlink()
    return context


def _signed(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    by: ec.EllipticCurvePrivateKey,
    says: x509.ExtensionType,
) -> x509.Certificate:
    now = datetime.datetime.now(datetime.timezone.utc)
    made = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
    made = made.not_valid_before(now - datetime.timedelta(minutes=5))
    made = made.not_valid_after(now + datetime.timedelta(days=DAYS))
    made = made.add_extension(says, critical=isinstance(says, x509.BasicConstraints))
    made = made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    of = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key())
    return made.add_extension(of, critical=False).sign(by, hashes.SHA256())


class Region(socketserver.ThreadingTCPServer):
    """Leads the hosts of Function Compute and of OSS to this machine, and all others to where they are."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, folder: Path, fc: str, objects: str, region: str) -> None:
        oss = [f"{star}oss-{region}{kind}.aliyuncs.com" for star in ("", "*.") for kind in ("", "-internal")]
        api = [f"*.{region}.fc.aliyuncs.com", f"fcv3.{region}.aliyuncs.com"]
        self.tls = certificate(folder, [*api, *oss])
        self._places = {_address(fc): api, _address(objects): oss}
        super().__init__(("127.0.0.1", 0), _Tunnel)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def here(self, host: str) -> tuple[str, int] | None:
        """Which address on this machine plays the host."""
        for address, names in self._places.items():
            if any(fnmatch.fnmatchcase(host, name) for name in names):
                return address
        return None


class _Tunnel(socketserver.BaseRequestHandler):
    server: Region

    def handle(self) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            piece = self.request.recv(MOST_HEAD)
            if not piece or len(head) > MOST_HEAD:
                return
            head += piece
        method, target = head.split(b" ", 2)[:2]
        with contextlib.suppress(OSError):
            if method == b"CONNECT":
                self._secure(target.decode())
            else:
                # a server takes a whole URL in the first line, too
                asked = urlsplit(target.decode())
                host, port = asked.hostname or "", asked.port or 80
                self._pass(self.request, self.server.here(host) or (host, port), head)

    def _secure(self, target: str) -> None:
        host, _, port = target.rpartition(":")
        address = self.server.here(host)
        self.request.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
        if address is None:
            self._pass(self.request, (host, int(port)))
            return
        with self.server.tls.wrap_socket(self.request, server_side=True) as inside:
            self._pass(inside, address)

    def _pass(self, client: socket.socket, address: tuple[str, int], first: bytes = b"") -> None:
        with socket.create_connection(address) as server:
            server.sendall(first)
            _both_ways(client, server)


def _both_ways(one: socket.socket, other: socket.socket) -> None:
    """Until one of them has ended. In one thread: a TLS connection is read and written by one at a time."""
    to = {one: other, other: one}
    while True:
        # what TLS has read already, select does not see
        ready = [end for end in to if isinstance(end, ssl.SSLSocket) and end.pending()]
        for end in ready or select.select(list(to), [], [])[0]:
            piece = end.recv(65_536)
            if not piece:
                return
            to[end].sendall(piece)


def _address(url: str) -> tuple[str, int]:
    found = urlsplit(url)
    return str(found.hostname), int(found.port or 80)


@contextlib.contextmanager
def playing(folder: Path, fc: str, objects: str, region: str = "cn-hangzhou") -> Iterator[Region]:
    """The proxy in a thread of its own."""
    with Region(folder, fc, objects, region) as made:
        thread = threading.Thread(target=made.serve_forever, daemon=True)
        thread.start()
        yield made
        made.shutdown()
        thread.join()


if __name__ == "__main__":
    with Region(Path(sys.argv[1]), *sys.argv[2:4], (sys.argv[4:] or ["cn-hangzhou"])[0]) as proxy:
        print(f"HTTPS_PROXY={proxy.url} HTTP_PROXY={proxy.url}", flush=True)
        proxy.serve_forever()
