"""The second step of the sign-in: its secrets are kept encrypted, so that a copy of the database gives none away."""

from __future__ import annotations

import base64

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


class SecondStepAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """What the settings of allauth call MFA_ADAPTER."""

    def encrypt(self, text: str) -> str:
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Raises cryptography's InvalidToken where SECRET_KEY is another, and the old one no fallback."""
        return _cipher().decrypt(encrypted_text.encode()).decode()


def _cipher() -> MultiFernet:
    """By keys derived from SECRET_KEY, and from those that it took the place of."""
    return MultiFernet([_key(secret) for secret in [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]])


def _key(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"commonfield second step").derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
