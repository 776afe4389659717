"""The locks fit pyproject.toml, carry hashes, and name no registry."""

from deploy.requirements import check_locks, find_faults, read_lock

LOCK = """\
Django==5.2.19 \\
    --hash=sha256:00 \\
    --hash=sha256:11
    # via commonfield
psycopg-binary==3.3.9 ; implementation_name != 'pypy' \\
    --hash=sha256:22
"""


def test_our_locks_are_fresh() -> None:
    assert check_locks() == []


def test_a_lock_is_read_by_normal_names() -> None:
    assert read_lock(LOCK) == {"django": "5.2.19", "psycopg-binary": "3.3.9"}


def test_what_does_not_fit_is_said() -> None:
    asked = ["django>=5.2", "Django>=6", "psycopg_binary[pool]>=3.3", "celery>=5"]
    lock = LOCK + "nohash==1.0\n--index-url https://registry.example\n"
    assert list(find_faults(asked, lock)) == [
        "Django is locked at 5.2.19, but >=6 is asked for",
        "celery is not in the lock",
        "line 8 holds an address",
        "nohash==1.0 has no hash",
    ]
