"""Where the one way out leads, and where it does not."""

import socket
import threading
from ipaddress import ip_address

import pytest

from messaging.errors import InDoubt, PermanentFailure, TemporaryFailure
from messaging.http import MOST_BYTES, Web, is_public


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.5.4", "192.168.1.1", "169.254.169.254", "0.0.0.0"),  # noqa: S104
        *("100.64.0.1", "224.0.0.1", "255.255.255.255", "192.0.2.1", "198.18.0.1"),
        *("::1", "::", "fe80::1", "fc00::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:0:7f00:1::"),
    ],
)
def test_an_address_inside_is_not_public(address):
    assert not is_public(ip_address(address))


@pytest.mark.parametrize("address", ["17.188.1.1", "142.250.1.1", "2606:4700::1111"])
def test_an_address_of_the_internet_is(address):
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "url",
    [
        *("http://example.com/", "ftp://example.com/", "https:///x", "https://a:b@example.com/"),
        *("https://127.0.0.1/", "https://[::1]/", "https://localhost:443/", "https://x:99999/"),
        "file:///etc/passwd",
    ],
)
def test_nothing_is_sent_to_what_is_no_public_address(url):
    with Web() as web, pytest.raises(PermanentFailure):
        web.send("GET", url)


def test_an_allowed_address_is_spoken_to(httpserver, settings):
    settings.OUTBOUND_ALLOW = [f"{httpserver.host}:{httpserver.port}"]
    httpserver.expect_request("/hello", method="POST").respond_with_data("hi", status=202)

    with Web() as web:
        answer = web.send("POST", httpserver.url_for("/hello"), body=b"ho", headers={"X-A": "b"})

    assert (answer.status, answer.body) == (202, b"hi")
    [(request, _answer)] = httpserver.log
    assert request.data == b"ho"
    assert request.headers["Host"] == f"{httpserver.host}:{httpserver.port}"


def test_no_redirect_is_followed_and_no_flood_is_read(httpserver, settings):
    settings.OUTBOUND_ALLOW = [f"{httpserver.host}:{httpserver.port}"]
    httpserver.expect_request("/away").respond_with_data(
        "x" * (MOST_BYTES * 4), status=302, headers={"Location": "/inside"}
    )

    with Web() as web:
        answer = web.send("GET", httpserver.url_for("/away"))

    assert answer.status == 302
    assert len(answer.body) == MOST_BYTES
    assert len(httpserver.log) == 1


def test_nobody_there_is_worth_another_try(unused_tcp_port, settings):
    settings.OUTBOUND_ALLOW = [f"127.0.0.1:{unused_tcp_port}"]

    with Web() as web, pytest.raises(TemporaryFailure):
        web.send("GET", f"http://127.0.0.1:{unused_tcp_port}/")


def test_a_connection_that_breaks_leaves_a_doubt(silent_server, settings):
    settings.OUTBOUND_ALLOW = [f"127.0.0.1:{silent_server}"]

    with Web() as web, pytest.raises(InDoubt):
        web.send("GET", f"http://127.0.0.1:{silent_server}/")


@pytest.fixture
def unused_tcp_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    return port


@pytest.fixture
def silent_server():
    """Takes a request, and hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def hang_up() -> None:
        caller, _peer = listener.accept()
        caller.recv(1000)
        caller.close()

    thread = threading.Thread(target=hang_up, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    thread.join(5)
    listener.close()
