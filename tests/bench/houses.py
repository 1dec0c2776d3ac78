"""Our own processes in the benchmark: the product as in production, on a database of its own."""

import json
import select
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from cryptography.fernet import Fernet

from tests.house import ROOT, House

# DEBUG keeps every statement in memory, so nothing is measured with it.
PRODUCTION = {
    "DEBUG": "0",
    "ALLOWED_HOSTS": "127.0.0.1",
    "SECRET_KEY": "bench-" + "0123456789abcdef" * 4,
    "REGULARS_KEYS": Fernet.generate_key().decode(),
    "PUBLIC_BASE_URL": "https://shop.example.com",
    "LOG_LEVEL": "ERROR",
}
WITHOUT_LETTERS = "tests.bench.ours.without_letters"


class HandFailedError(Exception):
    """A process of ours ended before it had answered."""


def open_house(url: str, settings_module: str = "config.settings") -> House:
    return House(url, PRODUCTION | {"DJANGO_SETTINGS_MODULE": settings_module})


@dataclass(slots=True)
class Hand:
    """A process of a house that does, one after the other, what it is asked to."""

    process: subprocess.Popen[str]

    @classmethod
    def hire(cls, house: House) -> "Hand":
        words = ["manage.py", "shell", "--verbosity=0", "--command"]
        words.append("from tests.bench.houses import serve; serve()")
        return cls(
            subprocess.Popen(
                [sys.executable, *words],
                cwd=ROOT,
                env=house.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        )

    @property
    def pid(self) -> int:
        return self.process.pid

    def begin(self, function: str, **arguments: Any) -> None:
        """Do `tests.bench.ours.<function>`."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps([function, arguments]) + "\n")
        self.process.stdin.flush()

    def has_answered(self) -> bool:
        assert self.process.stdout
        return bool(select.select([self.process.stdout], [], [], 0)[0])

    def is_gone(self) -> bool:
        return self.process.poll() is not None

    def answer(self) -> Any:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise HandFailedError("see above")
        return json.loads(line)

    def ask(self, function: str, **arguments: Any) -> Any:
        self.begin(function, **arguments)
        return self.answer()

    def dismiss(self) -> None:
        if self.process.stdin:
            self.process.stdin.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def serve() -> None:
    """What a hand does until its input ends."""
    for line in sys.stdin:
        function, arguments = json.loads(line)
        module, name = f"tests.bench.ours.{function}".rsplit(".", 1)
        answer = getattr(import_module(module), name)(**arguments)
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()
