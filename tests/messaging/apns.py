"""Apple's push service, as far as we speak to it: HTTP/2 over TLS, for whoever shows a certificate
that our authority signed."""

import socket
import ssl
import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType

from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import ConnectionTerminated, RequestReceived, StreamEnded


@dataclass
class Push:
    path: str
    topic: str
    shown_by: str
    body: bytes = b""


@dataclass
class FakeApns:
    """Answers 200, or what `answers` has for the device: (status, reason)."""

    folder: Path
    pushes: list[Push] = field(default_factory=list)
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    connections: int = 0

    def __enter__(self) -> "FakeApns":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "server.pem")
        context.load_verify_locations(self.folder / "root.pem")
        context.verify_mode = ssl.CERT_REQUIRED
        context.set_alpn_protocols(["h2"])
        self.context = context
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(0.2)
        self.is_open = True
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.is_open = False
        self.thread.join(5)
        self.listener.close()

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def _accept(self) -> None:
        while self.is_open:
            try:
                plain, _peer = self.listener.accept()
            except TimeoutError:
                continue
            plain.settimeout(5)
            try:
                with self.context.wrap_socket(plain, server_side=True) as caller:
                    self._converse(caller)
            except OSError:
                plain.close()

    def _converse(self, caller: ssl.SSLSocket) -> None:
        shown = dict(pair[0] for pair in (caller.getpeercert() or {})["subject"])  # type: ignore[misc]
        speech = H2Connection(H2Configuration(client_side=False))
        speech.initiate_connection()
        caller.sendall(speech.data_to_send())
        self.connections += 1
        open_streams: dict[int, Push] = {}
        while self.is_open and (data := caller.recv(65536)):
            for event in speech.receive_data(data):
                match event:
                    case RequestReceived(headers=headers, stream_id=stream):
                        said = {
                            bytes(name).decode(): bytes(value).decode() for name, value in headers
                        }
                        open_streams[stream] = Push(
                            said[":path"], said["apns-topic"], str(shown["commonName"])
                        )
                    case StreamEnded(stream_id=stream):
                        self._answer(speech, stream, open_streams.pop(stream))
                    case ConnectionTerminated():
                        return
            caller.sendall(speech.data_to_send())

    def _answer(self, speech: H2Connection, stream: int, push: Push) -> None:
        self.pushes.append(push)
        device = push.path.rpartition("/")[2]
        status, reason = self.answers.get(device, (200, ""))
        body = f'{{"reason":"{reason}"}}'.encode() if reason else b""
        speech.send_headers(stream, [(":status", str(status))], end_stream=not body)
        if body:
            speech.send_data(stream, body, end_stream=True)
