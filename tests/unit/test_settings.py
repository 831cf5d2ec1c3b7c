"""Settings come from the environment, and a bad one is told by its name before anything starts."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from helpline import environment, settings
from helpline.paths import ROOT

NUMBERS = sorted(
    name for name, value in vars(settings).items() if name.startswith("HELPLINE_") and isinstance(value, (int, float))
)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("many", "HELPLINE_X must be a number, not 'many'."),
        ("3,5", "HELPLINE_X must be a number, not '3,5'."),
        ("0", "HELPLINE_X must be above zero, not '0'."),
        ("-1", "HELPLINE_X must be above zero, not '-1'."),
    ],
)
def test_a_bad_number_is_told_with_the_setting(raw: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPLINE_X", raw)
    for reader in (environment.number, environment.whole):
        with pytest.raises(ImproperlyConfigured) as raised:
            reader("HELPLINE_X", 7)
        assert str(raised.value) == told


@pytest.mark.parametrize(("raw", "number"), [("", 7), ("2.5", 2.5), (" 9 ", 9)])
def test_a_good_number_is_taken_and_an_empty_one_left_out(
    raw: str, number: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELPLINE_X", raw)
    assert environment.number("HELPLINE_X", 7) == number


def test_names_are_parted_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPLINE_X", " https://a.example , ,https://b.example,")
    assert environment.names("HELPLINE_X") == ["https://a.example", "https://b.example"]
    monkeypatch.delenv("HELPLINE_X")
    assert environment.names("HELPLINE_X", "localhost") == ["localhost"]
    assert environment.names("HELPLINE_X") == []


@pytest.mark.parametrize(("raw", "chosen"), [("", "optional"), ("required", "required"), ("optional", "optional")])
def test_one_of_a_few_words_is_taken(raw: str, chosen: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPLINE_X", raw)
    assert environment.one_of("HELPLINE_X", "optional", "required") == chosen


def test_another_word_is_told_with_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPLINE_X", "always")
    with pytest.raises(ImproperlyConfigured, match=r"^HELPLINE_X must be one of optional, required, not 'always'\.$"):
        environment.one_of("HELPLINE_X", "optional", "required")


@pytest.mark.parametrize(("raw", "country"), [("gb", "GB"), ("US", "US"), ("", "")])
def test_a_country_with_lines_is_taken(raw: str, country: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPLINE_X", raw)
    assert environment.country("HELPLINE_X") == country


@pytest.mark.parametrize("raw", ["UK", "unknown", "United States", "ZZ"])
def test_a_country_without_lines_is_told(raw: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It would be taken for unknown in silence, and visitors would miss their own numbers."""
    monkeypatch.setenv("HELPLINE_X", raw)
    with pytest.raises(ImproperlyConfigured, match="HELPLINE_X must be one of AU, CA, GB, US"):
        environment.country("HELPLINE_X")


@pytest.mark.parametrize(("raw", "zone"), [("", "UTC"), ("Europe/London", "Europe/London")])
def test_a_time_zone_that_is_known_is_taken(raw: str, zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPLINE_X", raw)
    assert environment.zone("HELPLINE_X", "UTC") == zone


@pytest.mark.parametrize("raw", ["Europe/Atlantis", "../etc/passwd", "/UTC", "Europe"])
def test_a_time_zone_that_is_not_known_is_told(raw: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Days would begin at another hour, and nobody would know why."""
    monkeypatch.setenv("HELPLINE_X", raw)
    with pytest.raises(ImproperlyConfigured, match="HELPLINE_X must be a time zone such as Europe/London, not"):
        environment.zone("HELPLINE_X", "UTC")


#: What an installation in earnest is given.
GIVEN = {
    name: secrets.token_urlsafe(48)
    for name in ("HELPLINE_SECRET_KEY", "HELPLINE_ADDRESS_KEY", "HELPLINE_ADDRESS_HASH", "HELPLINE_ACTIONS_SECRET")
}


def with_settings(var: Path, code: str, **environment: str) -> subprocess.CompletedProcess:
    """Run code after the settings were read from that environment by a process of its own."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HELPLINE_")}
    return subprocess.run(
        [sys.executable, "-c", f"from helpline import settings\n{code}"],
        cwd=ROOT,
        env={**clean, "HELPLINE_VAR": str(var), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_every_number_is_read_with_its_own_name(tmp_path: Path) -> None:
    """Each is set to a number of its own, and each comes back as that."""
    wanted = {name: str(number) for number, name in enumerate(NUMBERS, 101)}
    ended = with_settings(tmp_path, f"print([int(getattr(settings, name)) for name in {NUMBERS}])", **wanted)
    assert ended.stdout.strip() == str([*range(101, 101 + len(NUMBERS))]), ended.stderr


def test_a_process_with_a_bad_number_ends_with_its_name(tmp_path: Path) -> None:
    ended = with_settings(tmp_path, "", HELPLINE_PORT="http")
    assert ended.returncode != 0
    assert "HELPLINE_PORT must be a number, not 'http'." in ended.stderr


def test_secrets_of_the_environment_go_before_those_of_the_installation(tmp_path: Path) -> None:
    """And none is then written to disk."""
    ended = with_settings(
        tmp_path,
        "print(settings.SECRET_KEY, settings.HELPLINE_ACTIONS_SECRET)\n"
        "print(*settings.HELPLINE_ADDRESS_KEY, settings.HELPLINE_ADDRESS_HASH)",
        HELPLINE_SECRET_KEY="one",
        HELPLINE_ACTIONS_SECRET="two",
        HELPLINE_ADDRESS_KEY="three, four",
        HELPLINE_ADDRESS_HASH="five",
    )
    assert ended.stdout.split() == ["one", "two", "three", "four", "five"]
    assert list(tmp_path.iterdir()) == []


def test_cookies_are_secure_behind_https(tmp_path: Path) -> None:
    code = "print(settings.SESSION_COOKIE_SECURE, settings.CSRF_COOKIE_SECURE)"
    assert with_settings(tmp_path, code, HELPLINE_HTTPS="1", **GIVEN).stdout.split() == ["True", "True"]
    assert with_settings(tmp_path, code).stdout.split() == ["False", "False"]


def test_behind_https_a_browser_takes_no_other_way_any_more(tmp_path: Path) -> None:
    code = "print(settings.SECURE_HSTS_SECONDS)"
    assert with_settings(tmp_path, code, HELPLINE_HTTPS="1", **GIVEN).stdout.split() == ["2592000"]
    assert with_settings(tmp_path, code).stdout.split() == ["0"]


@pytest.mark.parametrize("name", list(GIVEN))
def test_behind_https_a_secret_that_is_not_given_stops_the_start(tmp_path: Path, name: str) -> None:
    """One that an installation made for itself lies beside the database, and is another on each host."""
    ended = with_settings(tmp_path, "", HELPLINE_HTTPS="1", **{**GIVEN, name: ""})
    assert ended.returncode != 0
    assert f"{name} is not set: with HELPLINE_HTTPS=1 secrets come from the environment only. Make one" in ended.stderr
    assert list(tmp_path.iterdir()) == []


def test_behind_https_the_installations_own_secret_is_to_be_taken_over(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "django").write_text("of an earlier start")
    ended = with_settings(tmp_path, "", HELPLINE_HTTPS="1", **{**GIVEN, "HELPLINE_SECRET_KEY": ""})
    assert f"Take over what is in {tmp_path}/secrets/django, and delete that file." in ended.stderr
    assert "of an earlier start" not in ended.stderr


@pytest.mark.parametrize("plain", ["changeme", "x" * 64, "secret" * 8])
def test_behind_https_a_plain_secret_stops_the_start_and_is_not_shown(tmp_path: Path, plain: str) -> None:
    ended = with_settings(tmp_path, "", HELPLINE_HTTPS="1", **{**GIVEN, "HELPLINE_ADDRESS_KEY": plain})
    assert ended.returncode != 0
    assert "HELPLINE_ADDRESS_KEY is too short or too plain to be a secret." in ended.stderr
    assert plain not in ended.stderr


def test_an_earlier_secret_key_still_opens(tmp_path: Path) -> None:
    """So that it can be changed without logging anybody out."""
    code = "print(settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)"
    assert with_settings(tmp_path, code, HELPLINE_SECRET_KEY="new, old").stdout.split() == ["new", "old"]


def test_errors_are_never_shown_to_visitors() -> None:
    assert settings.DEBUG is False


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("", "json://localhost", "HELPLINE_PAGE_SECOND has addresses, but HELPLINE_PAGE_FIRST has none"),
        ("json://localhost nonsense://secret", "", "HELPLINE_PAGE_FIRST: address 2 is none that Apprise knows"),
    ],
)
def test_a_wrong_address_is_told_without_being_shown(
    first: str, second: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HELPLINE_PAGE_FIRST", first)
    monkeypatch.setenv("HELPLINE_PAGE_SECOND", second)
    with pytest.raises(ImproperlyConfigured, match=told) as raised:
        environment.groups("HELPLINE_PAGE_FIRST", "HELPLINE_PAGE_SECOND")
    assert "secret" not in str(raised.value)


def test_groups_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPLINE_PAGE_FIRST", "json://localhost/a  json://localhost/b")
    monkeypatch.setenv("HELPLINE_PAGE_SECOND", "")
    assert environment.groups("HELPLINE_PAGE_FIRST", "HELPLINE_PAGE_SECOND") == [
        ["json://localhost/a", "json://localhost/b"]
    ]


def test_the_database_is_sqlite_by_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HELPLINE_X", raising=False)
    found = environment.database("HELPLINE_X", tmp_path / "here.sqlite3")
    assert (found["ENGINE"], found["NAME"]) == ("django.db.backends.sqlite3", tmp_path / "here.sqlite3")
    monkeypatch.setenv("HELPLINE_X", "/elsewhere/there.sqlite3")
    assert environment.database("HELPLINE_X", tmp_path)["NAME"] == Path("/elsewhere/there.sqlite3")


def test_the_database_is_postgresql_by_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "HELPLINE_X", "postgresql://us:pass%20word@db.example:6543/line?sslmode=require&connect_timeout=9"
    )
    found = environment.database("HELPLINE_X", Path())
    assert found["ENGINE"] == "django.db.backends.postgresql"
    named = [found[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")]
    assert named == ["line", "us", "pass word", "db.example", "6543"]
    assert found["OPTIONS"].items() >= {"connect_timeout": "9", "sslmode": "require"}.items()
    assert "lock_timeout" in found["OPTIONS"]["options"]
    # Both ends notice a machine that says nothing any more.
    for probe in ("keepalives_idle", "tcp_user_timeout"):
        assert probe in found["OPTIONS"]
        assert f"{probe.removeprefix('tcp_')}=" in found["OPTIONS"]["options"]


@pytest.mark.parametrize(
    ("listens", "reached"),
    [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", "127.0.0.1"), ("10.0.0.7", "10.0.0.7"), ("::1", "[::1]")],
)
def test_a_machine_reaches_its_own_servers_where_they_listen(listens: str, reached: str) -> None:
    assert environment.as_host(environment.from_here(listens)) == reached


def test_redis_is_told_by_its_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HELPLINE_X", raising=False)
    assert environment.redis("HELPLINE_X") == ""
    monkeypatch.setenv("HELPLINE_X", "redis://:secret@cache.example:6380/1")
    assert environment.redis("HELPLINE_X") == "redis://:secret@cache.example:6380/1"
    monkeypatch.setenv("HELPLINE_X", "http://:secret@cache.example")
    with pytest.raises(ImproperlyConfigured) as raised:
        environment.redis("HELPLINE_X")
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ("mysql://us:secret@db.example/line", "HELPLINE_X must be a file, or begin with postgresql://."),
        ("postgresql://us:secret@db.example/line?colour=red", "HELPLINE_X cannot be read as an address of PostgreSQL."),
    ],
)
def test_another_database_is_told_without_its_password(raw: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELPLINE_X", raw)
    with pytest.raises(ImproperlyConfigured) as raised:
        environment.database("HELPLINE_X", Path())
    assert str(raised.value) == told
