"""What a body may not be. The databases disagree about most of these, so neither is asked."""

import json

import pytest

from loyalty.api.parsing import DEEPEST, decoded
from loyalty.errors import Invalid

REFUSED = {
    "nothing": b"",
    "half an object": b'{"a": 1',
    "two values": b"{} {}",
    "a comment": b"{} // twenty",
    "single quotes": b"{'a': 1}",
    "not UTF-8": b'{"a": "\xff"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "a control character": b'{"a": "\n"}',
    "NaN": b'{"a": NaN}',
    "infinity": b'{"a": Infinity}',
    "minus infinity": b'{"a": -Infinity}',
    "an infinity in disguise": b'{"a": 1e400}',
    "an integer of 65 bits": b'{"a": 18446744073709551616}',
    "a negative one": b'{"a": -9223372036854775809}',
    "an integer of 5,000 digits": b'{"a": ' + b"9" * 5_000 + b"}",
    "a key twice": b'{"a": 1, "a": 2}',
    "a key twice, deeper": b'[{"b": {"a": 1, "a": 1}}]',
    "the same key in two spellings": b'{"a": 1, "\\u0061": 2}',
    "NUL": b'{"a": "\\u0000"}',
    "NUL in a name": b'{"\\u0000": 1}',
    "half a pair": b'{"a": ["\\ud800"]}',
    "the other half": b'{"a": {"b": "x\\udfffx"}}',
    "half a pair in a name": b'{"a": {"\\ud800": 1}}',
    "deep lists": b"[" * 200_000 + b"]" * 200_000,
    "deep objects": b'{"a":' * 200_000 + b"1" + b"}" * 200_000,
    "a bit too deep": b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1),
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED.keys())
def test_a_body_that_two_readers_could_understand_differently_is_refused(body):
    with pytest.raises(Invalid) as refusal:
        decoded(body)

    json.dumps([refusal.value.message, refusal.value.fields]).encode()


def test_what_can_be_stored_is_read():
    text = '{"a": [1, -2.5, true, null, "\\ud83d\\ude00 Zoë\\n"], "": {}, "n": 9223372036854775807}'

    value = decoded(text.encode())

    assert value == {"a": [1, -2.5, True, None, "😀 Zoë\n"], "": {}, "n": 2**63 - 1}


def test_a_hundred_levels_are_read():
    assert decoded(b"[" * DEEPEST + b"]" * DEEPEST)


def test_a_refusal_names_the_place():
    with pytest.raises(Invalid) as refusal:
        decoded(b'{"customer": {"names": ["ok", "\\u0000"]}}')

    assert list(refusal.value.fields) == ["customer.names.1"]
