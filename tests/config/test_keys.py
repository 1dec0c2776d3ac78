"""Keys an installation makes for itself."""

import stat
from concurrent.futures import ThreadPoolExecutor

from config import keys


def test_a_key_is_made_once(tmp_path):
    file = tmp_path / "data" / "secret_key"

    first = keys.made_once(file, keys.new_secret_key)

    assert keys.made_once(file, keys.new_secret_key) == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_those_who_come_together_get_the_same_key(tmp_path):
    file = tmp_path / "secret_key"

    with ThreadPoolExecutor(16) as crowd:
        given = list(crowd.map(lambda _: keys.made_once(file, keys.new_secret_key), range(64)))

    assert len(set(given)) == 1
    assert given[0]
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]


def test_a_key_we_made_may_not_pass_for_a_sample():
    assert not keys.is_sample(keys.new_secret_key())
