"""Text as it is kept in the database: compressed, each piece by itself."""

import zlib


def packed(text: str) -> tuple[bytes, int]:
    """The text compressed, and how many bytes it has uncompressed."""
    content = text.encode()
    return zlib.compress(content), len(content)


def unpacked(data: bytes) -> bytes:
    return zlib.decompress(data)
