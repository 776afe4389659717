"""`manage.py demo_people`: the demo's three people, their organisations and tokens, as JSON on stdout.

Safe to run again: people and organisations stay, tokens are made anew.
"""

import argparse
import json
from typing import Any

from allauth.account.models import EmailAddress
from django.core.management.base import BaseCommand
from django.db import transaction

from catalog.actor import Actor
from catalog.models import Membership, Organization, Role, Scope, User
from catalog.services.membership.organizations import create_organization
from catalog.services.membership.tokens import create_token
from deploy.demo.datasets import ORGANIZATIONS

PEOPLE = {"mei": "Mei Lin", "tomas": "Tomás Vega", "amina": "Amina Diallo"}


class Command(BaseCommand):
    help = "Make the people of the demo."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--password", required=True)

    def handle(self, **options: Any) -> None:
        with transaction.atomic():
            users = {username: _user(username, name, options["password"]) for username, name in PEOPLE.items()}
            for slug, title, description in ORGANIZATIONS:
                _organization(slug, title, description, owner=users["mei"], steward=users["tomas"])
            tokens = {
                username: create_token(actor=Actor(user), name="demo", scopes=Scope.values, days=30)[1]
                for username, user in users.items()
            }
        self.stdout.write(json.dumps(tokens))


def _user(username: str, name: str, password: str) -> User:
    email = f"{username}@example.org"
    user, _ = User.objects.get_or_create(username=username, defaults={"email": email, "name": name})
    user.set_password(password)
    user.save()
    EmailAddress.objects.update_or_create(user=user, email=email, defaults={"verified": True, "primary": True})
    return user


def _organization(slug: str, title: str, description: str, *, owner: User, steward: User) -> None:
    organization = Organization.objects.filter(slug=slug).first()
    if organization is None:
        organization = create_organization(actor=Actor(owner), slug=slug, title=title, description=description)
    Membership.objects.update_or_create(
        organization=organization, user=steward, defaults={"role": Role.READER, "is_steward": True}
    )
