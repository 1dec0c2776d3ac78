"""Keys this installation makes for itself, and the reasons production may not start on them."""

import os
import secrets
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography.fernet import Fernet

SAMPLES = ("change", "django-insecure", "example", "insecure", "sample")
SHORTEST = 32


def made_once(path: Path, make: Callable[[], str]) -> str:
    """The key in `path`, made by whichever process comes first; everybody reads the same one.

    The key is written whole under another name and then linked: `link` fails when the name is
    taken, so no process can read half a key or replace the one another process already uses.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent)  # mode 0600
        try:
            with os.fdopen(handle, "w") as file:
                file.write(make())
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            Path(draft).unlink()
    return path.read_text().strip()


def new_secret_key() -> str:
    return secrets.token_urlsafe(50)


def new_encryption_key() -> str:
    return Fernet.generate_key().decode()


def is_sample(key: str) -> bool:
    """Whether somebody copied the key from a page of documentation, or made it by hand."""
    return len(key) < SHORTEST or key.lower().startswith(SAMPLES)


def can_encrypt(key: str) -> bool:
    """Whether it is a key of the kind Fernet takes: 32 bytes, written in url-safe base64."""
    try:
        Fernet(key)
    except ValueError:
        return False
    return True


def problems_in_production(
    *, secret_key: str, encryption_keys: Sequence[str], allowed_hosts: Sequence[str]
) -> list[str]:
    """One line for each reason not to start with DEBUG=0; an empty list when there is none."""
    found = []
    if not secret_key:
        found.append("SECRET_KEY is not set: production needs a key of its own.")
    elif is_sample(secret_key):
        found.append(f"SECRET_KEY is a sample or shorter than {SHORTEST} characters.")
    if not encryption_keys:
        found.append("REGULARS_KEYS is not set: stored secrets need a key to be encrypted with.")
    elif secret_key in encryption_keys:
        found.append("REGULARS_KEYS contains SECRET_KEY: the two must differ.")
    elif not all(map(can_encrypt, encryption_keys)):
        found.append("REGULARS_KEYS holds a sample, or a key that is not 32 url-safe base64 bytes.")
    if not allowed_hosts:
        found.append("ALLOWED_HOSTS is not set: name the hosts this site answers for.")
    return found
