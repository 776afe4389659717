from __future__ import annotations

import stat
import sys

import pytest

from commonfield import BadArgument, Client, ConfigurationError, InsecureTransportWarning, NotSignedIn
from commonfield.profiles import (
    Profile,
    load_profiles,
    normalize_url,
    profile_path,
    remove_profile,
    resolve,
    save_profile,
)
from tests.client.conftest import QUICK
from tests.client.local_site import LocalSite

A, B = "https://a.example.org", "https://b.example.org"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ("https://a.example.org/", A),
        ("a.example.org", A),
        ("https://a.example.org/api/v1/", A),
        ("https://a.example.org/data/api", f"{A}/data"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("localhost:8000", "http://localhost:8000"),
        ("HTTPS://A.example.org?x=1#y", A),
    ],
)
def test_an_address_is_the_sites_root(given: str, url: str) -> None:
    assert normalize_url(given) == url


@pytest.mark.parametrize("bad", ["", "ftp://a.org", "https://", "https://me:secret@a.org", "http://[::1"])
def test_what_is_no_address(bad: str) -> None:
    with pytest.raises(BadArgument) as refused:
        Client(bad)
    assert refused.value.remedy


def test_arguments_then_environment_then_file(monkeypatch: pytest.MonkeyPatch) -> None:
    save_profile("default", Profile(A, "from-file"))
    assert resolve(None, None, None) == Profile(A, "from-file")
    monkeypatch.setenv("COMMONFIELD_TOKEN", "from-env")
    assert resolve(None, None, None) == Profile(A, "from-env")
    monkeypatch.setenv("COMMONFIELD_URL", B)
    assert resolve(None, None, None) == Profile(B, "from-env")
    assert resolve(A, "argument", None) == Profile(A, "argument")


def test_a_token_is_not_sent_to_a_site_that_it_was_not_made_for(monkeypatch: pytest.MonkeyPatch) -> None:
    save_profile("default", Profile(A, "for-a"))
    assert resolve(B, None, None) == Profile(B, None)
    monkeypatch.setenv("COMMONFIELD_URL", B)
    assert resolve(None, None, None) == Profile(B, None)
    monkeypatch.setenv("COMMONFIELD_TOKEN", "for-b")
    assert resolve(A, None, None) == Profile(A, "for-a")


def test_several_profiles(monkeypatch: pytest.MonkeyPatch) -> None:
    save_profile("default", Profile(A, "for-a"))
    save_profile("work", Profile(B, "for-b"), make_default=False)
    assert resolve(None, None, None).url == A
    assert resolve(None, None, "work") == Profile(B, "for-b")
    monkeypatch.setenv("COMMONFIELD_PROFILE", "work")
    assert resolve(None, None, None) == Profile(B, "for-b")
    remove_profile("work")
    with pytest.raises(ConfigurationError, match="no profile 'work'"):
        resolve(None, None, "work")


def test_no_site_says_how_to_set_one() -> None:
    with pytest.raises(ConfigurationError, match="commonfield login"):
        Client().search("x")


@pytest.mark.skipif(sys.platform == "win32", reason="modes are POSIX")
def test_the_file_is_its_owners_only() -> None:
    save_profile("default", Profile(A, "secret"))
    path = profile_path()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    path.chmod(0o644)
    save_profile("work", Profile(B, "secret"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_odd_characters_come_back_as_they_went() -> None:
    save_profile("default", Profile(A, 'q"\\\n\u00e9\U0001f600\x7f'))
    assert load_profiles().named["default"].token == 'q"\\\n\u00e9\U0001f600\x7f'


@pytest.mark.parametrize("content", [b"profiles = [", b"\xff\xfe", b"[profiles.x]\ntoken = 'y'"])
def test_a_broken_file_is_named(content: bytes) -> None:
    profile_path().parent.mkdir()
    profile_path().write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"profile\.toml"):
        load_profiles()


def test_a_profiles_name_cannot_break_the_file() -> None:
    with pytest.raises(BadArgument):
        save_profile("a]\n[b", Profile(A))


def test_the_token_is_not_in_the_repr() -> None:
    assert "secret" not in repr(Profile(A, "secret"))


def test_login_keeps_only_what_the_registry_accepts(local: LocalSite) -> None:
    with Client(local.url, retry=QUICK) as client:
        with pytest.raises(NotSignedIn):
            client.login(local.url, "cfd_wrong")
        assert load_profiles().named == {}
        assert client.login(local.url, "cfd_owner").username == "olga"
    assert load_profiles().named == {"default": Profile(local.url, "cfd_owner")}
    with Client() as later:
        assert later.whoami().username == "olga"


def test_a_token_over_plain_http_is_warned_about() -> None:
    save_profile("default", Profile("http://data.example.org", "secret"))
    with pytest.warns(InsecureTransportWarning, match="without encryption"):
        assert Client().url == "http://data.example.org"


def test_the_environment_may_change_under_a_client(local: LocalSite, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMMONFIELD_URL", local.url)
    with Client(retry=QUICK) as client:
        with pytest.raises(NotSignedIn):
            client.whoami()
        monkeypatch.setenv("COMMONFIELD_TOKEN", "cfd_owner")
        assert client.whoami().username == "olga"
