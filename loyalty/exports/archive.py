"""A ZIP archive sent from its first byte to its last, of members that are packed already.

The layout is that of PKWARE's APPNOTE 6.3 (4.3.7 local headers, 4.3.12 central directory, 4.3.16
its end). Python's own zipfile packs what it is given; ours is packed, part by part, long before.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

# 4.4.8: sizes have 32 bits, unless an archive is a ZIP64.
LARGEST = 2**32 - 1
LOCAL = struct.Struct("<4s5H3I2H")
CENTRAL = struct.Struct("<4s6H3I5H2I")
END = struct.Struct("<4s4H2IH")
VERSION = 20  # 2.0: DEFLATE
DEFLATED = 8
TIME, DAY = 0, 0x21  # midnight of 1 January 1980, as early as a ZIP knows


@dataclass(frozen=True, slots=True)
class Member:
    """One file in it: `pieces` are one raw DEFLATE stream, `checksum` is CRC-32 of its bytes."""

    name: str
    checksum: int
    packed: int
    size: int
    pieces: Iterable[bytes]

    @classmethod
    def of(cls, name: str, text: str) -> "Member":
        content = text.encode()
        data = zlib.compress(content, wbits=-zlib.MAX_WBITS)
        return cls(name, zlib.crc32(content), len(data), len(content), [data])

    @property
    def facts(self) -> tuple[int, ...]:
        """What both headers say of it, from its method to the length of its name."""
        about = (DEFLATED, TIME, DAY, self.checksum, self.packed, self.size)
        return (*about, len(self.name))


def length_of(members: Sequence[Member]) -> int:
    """How many bytes `archive` gives."""
    around = LOCAL.size + CENTRAL.size
    return END.size + sum(around + 2 * len(each.name) + each.packed for each in members)


def archive(members: Sequence[Member]) -> Iterator[bytes]:
    """The archive, piece by piece; names are ASCII."""
    directory, at = b"", 0
    for each in members:
        name = each.name.encode("ascii")
        yield LOCAL.pack(b"PK\x03\x04", VERSION, 0, *each.facts, 0) + name
        yield from each.pieces
        directory += (
            CENTRAL.pack(b"PK\x01\x02", VERSION, VERSION, 0, *each.facts, 0, 0, 0, 0, 0, at) + name
        )
        at += LOCAL.size + len(name) + each.packed
    yield directory
    count = len(members)
    yield END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), at, 0)
