"""Prints a text once the server answers: `python -m config.demo.announcing <host> <port>`.

A process of its own, started by `demo --when-up` just before the server is.
"""

import http.client
import sys
import time

PATIENCE = 60.0  # seconds
NAP = 0.2  # seconds; the server does not say when it is up


def main(host: str, port: int) -> None:
    text = sys.stdin.read()
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if answers(host, port):
            sys.stdout.write(text)
            return
        time.sleep(NAP)


def answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/healthz", headers={"Host": "127.0.0.1"})
        return connection.getresponse().status == http.client.OK
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
