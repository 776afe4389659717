"""login, logout, profiles, whoami."""

from __future__ import annotations

import sys

import click

from commonfield.cli.output import json_option, pass_client, say, show_json, show_table
from commonfield.client import Client
from commonfield.profiles import DEFAULT_PROFILE, load_profiles, normalize_url, profile_path, remove_profile


@click.command()
@click.argument("url")
@click.option("--token", help="The token; without this option it is asked for and not shown.")
@click.option("--token-stdin", is_flag=True, help="Read the token from standard input.")
@click.option("--profile", default=DEFAULT_PROFILE, show_default=True, help="The name to keep it under.")
@pass_client
def login(client: Client, *, url: str, token: str | None, token_stdin: bool, profile: str) -> None:
    """Keep a token for the registry at URL, after checking it."""
    site = normalize_url(url)
    if token_stdin:
        token = sys.stdin.readline().strip()
    if not token:
        say(f"Make a token on your account page at {site}.")
        token = click.prompt("Token", hide_input=True)
    account = client.login(site, token, profile=profile)
    say(f"Signed in to {site} as {account.username}; kept as profile {profile!r} in {profile_path()}.")


@click.command()
@click.option("--profile", default=DEFAULT_PROFILE, show_default=True)
def logout(profile: str) -> None:
    """Forget a profile on this machine. The token itself stays valid until it is revoked on the site."""
    remove_profile(profile)
    say(f"Profile {profile!r} is forgotten. Revoke its token on your account page if nobody needs it.")


@click.command()
@json_option
def profiles(as_json: bool) -> None:
    """The registries that this machine knows."""
    stored = load_profiles()
    if as_json:
        show_json(
            [
                {"name": name, "url": profile.url, "default": name == stored.default}
                for name, profile in sorted(stored.named.items())
            ]
        )
        return
    show_table(
        ("name", "url", ""),
        [
            (name, profile.url, "default" if name == stored.default else "")
            for name, profile in sorted(stored.named.items())
        ],
    )


@click.command()
@json_option
@pass_client
def whoami(client: Client, *, as_json: bool) -> None:
    """Whose token is in use, and what it may do."""
    account = client.whoami()
    if as_json:
        show_json(account.raw)
        return
    until = f", until {account.token_expires_at:%Y-%m-%d}" if account.token_expires_at else ""
    scopes = f" (token may: {', '.join(account.scopes)}{until})" if account.scopes else ""
    say(f"{account.username} at {client.url}{scopes}")
    if account.organizations:
        show_table(
            ("organization", "role", ""),
            [
                (member.get("slug"), member.get("role"), "steward" if member.get("is_steward") else "")
                for member in account.organizations
            ],
        )
