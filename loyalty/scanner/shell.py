"""The files a scanner starts with: a device keeps them, to work without a network."""

import hashlib
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.templatetags.static import static

# What the page names itself; the rest is imported by these, relative to where they are.
NAMED = (
    "regulars/css/tokens.css",
    "scanner/app.css",
    "scanner/views.css",
    "scanner/main.js",
    "regulars/fonts/inter-latin.woff2",
    "regulars/fonts/inter-latin-ext.woff2",
    "scanner/icon.svg",
    "scanner/icon-192.png",
)
FOLDERS = ("scanner", "vendor/qr")


def files() -> list[str]:
    """Their addresses."""
    modules = [name for name in _modules() if name not in NAMED]
    return [*map(static, NAMED), *(f"{settings.STATIC_URL}{name}" for name in modules)]


def version() -> str:
    """Another one as soon as any of them changes."""
    return _version() if settings.DEBUG else _kept_version()


def _root() -> Path:
    return Path(settings.STATICFILES_DIRS[0])


def _modules() -> list[str]:
    root = _root()
    found = [path for folder in FOLDERS for path in sorted((root / folder).rglob("*.js"))]
    return [path.relative_to(root).as_posix() for path in found]


def _version() -> str:
    seen = hashlib.sha256()
    for name in dict.fromkeys([*NAMED, *_modules()]):
        seen.update((_root() / name).read_bytes())
    return seen.hexdigest()[:16]


_kept_version = lru_cache(maxsize=1)(_version)
