"""A minimal IMAP server over TLS for tests: what the adapter asks for, kept in memory."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

USER, PASSWORD = "inbox@mga.test", 'p 1"\\x'
UID = re.compile(rb"UID (\w+) ?(\d*) ?(.*)", re.S)


@dataclass
class Server:
    """Folders of messages by UID. hang, refuse: commands that get no answer, or NO."""

    port: int = 0
    folders: dict[str, dict[int, bytes]] = field(default_factory=lambda: {"INBOX": {}})
    hang: set[str] = field(default_factory=set)
    refuse: set[str] = field(default_factory=set)
    sign_ins: int = 0
    log: list[str] = field(default_factory=list)
    deleted: set[int] = field(default_factory=set)

    def put(self, *messages: bytes) -> None:
        """New messages in the inbox."""
        box = self.folders["INBOX"]
        for text in messages:
            box[max(box, default=0) + 1] = text

    def answer(self, verb: str, rest: bytes) -> tuple[list[bytes], str]:
        """Untagged lines and the closing word of one command."""
        box = self.folders["INBOX"]
        if verb == "CAPABILITY":
            return [b"* CAPABILITY IMAP4rev1"], "OK"
        if verb == "LOGIN":
            self.sign_ins += 1
            quoted = PASSWORD.replace("\\", "\\\\").replace('"', '\\"')
            good = f'{USER} "{quoted}"'.encode()
            return [], "OK" if rest.replace(
                b'"' + USER.encode() + b'"', USER.encode()
            ) == good else "NO"
        if verb == "SELECT":
            return [f"* {len(box)} EXISTS".encode()], "OK"
        if verb == "CREATE":
            fresh = rest.decode().strip('"') not in self.folders
            self.folders.setdefault(rest.decode().strip('"'), {})
            return [], "OK" if fresh else "NO"
        if verb == "SEARCH":
            keys = [str(key) for key in sorted(box) if key not in self.deleted]
            return [f"* SEARCH {' '.join(keys)}".encode()], "OK"
        return self._with_message(verb, rest)

    def _with_message(self, verb: str, rest: bytes) -> tuple[list[bytes], str]:
        box = self.folders["INBOX"]
        if verb == "EXPUNGE":
            for gone in self.deleted:
                box.pop(gone, None)
            self.deleted.clear()
            return [], "OK"
        key, _, more = rest.partition(b" ")
        text = box.get(int(key))
        if text is None:
            return [], "OK"
        if verb == "FETCH":
            head = f"* 1 FETCH (UID {int(key)} BODY[]<0> {{{len(text)}}}".encode()
            return [head + b"\r\n" + text + b")"], "OK"
        if verb == "COPY":
            folder = self.folders[more.decode().strip('"')]
            folder[max(folder, default=0) + 1] = text
        if verb == "STORE":
            self.deleted.add(int(key))
        return [], "OK"

    def serve(self, peer: ssl.SSLSocket) -> None:
        """One connection to its end."""
        with peer, peer.makefile("rb") as lines:
            peer.sendall(b"* OK ready\r\n")
            for line in lines:
                tag, _, command = line.rstrip(b"\r\n").partition(b" ")
                if found := UID.fullmatch(command):
                    word, rest = found[1], command.partition(b" ")[2].partition(b" ")[2]
                else:
                    word, _, rest = command.partition(b" ")
                verb = word.decode().upper()
                self.log.append(verb)
                if verb in self.hang:
                    continue
                if verb == "LOGOUT":
                    peer.sendall(b"* BYE\r\n" + tag + b" OK bye\r\n")
                    return
                told, how = ([], "NO") if verb in self.refuse else self.answer(verb, rest)
                for one in told:
                    peer.sendall(one + b"\r\n")
                peer.sendall(tag + f" {how} done\r\n".encode())


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
         "-nodes", "-subj", "/CN=double", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "3",
         "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


@contextmanager
def running(cert: Path, key: Path) -> Iterator[Server]:
    """A server on a free port until the block ends."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(cert, key)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = Server(port=listening.getsockname()[1])

        def accept() -> None:
            with suppress(OSError):
                while True:
                    plain, _ = listening.accept()
                    threading.Thread(target=talk, args=(plain,), daemon=True).start()

        def talk(plain: socket.socket) -> None:
            with suppress(OSError):
                server.serve(context.wrap_socket(plain, server_side=True))

        threading.Thread(target=accept, daemon=True).start()
        yield server
