"""Text as pieces of one DEFLATE stream (RFC 1951), each written without the ones before it.

A piece ends on a byte and nothing after it looks back into it (zlib's Z_FULL_FLUSH), so pieces that
were made by different workers make one stream when they are put together.
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

RAW = -zlib.MAX_WBITS
# Bytes that are unpacked at once.
AT_ONCE = 1024 * 1024


@dataclass(slots=True)
class Piece:
    """`size` is that of its text, `checksum` CRC-32 of all texts up to its end."""

    data: bytes
    size: int
    checksum: int


def packed(texts: Iterable[str], *, checksum: int, is_last: bool) -> Piece:
    """One piece of those texts, after others of that checksum (0: none)."""
    packer = zlib.compressobj(wbits=RAW)
    parts, size = [], 0
    for text in texts:
        content = text.encode()
        size += len(content)
        checksum = zlib.crc32(content, checksum)
        parts.append(packer.compress(content))
    parts.append(packer.flush(zlib.Z_FINISH if is_last else zlib.Z_FULL_FLUSH))
    return Piece(b"".join(parts), size, checksum)


def unpacked(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The text again, never all of it in memory."""
    for piece in pieces:
        unpacker, rest = zlib.decompressobj(wbits=RAW), piece
        while rest:
            yield unpacker.decompress(rest, AT_ONCE)
            rest = unpacker.unconsumed_tail
