from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.dataset import Dataset
from catalog.models.user import User


class QuestionKind(models.TextChoices):
    """What an owner can ask for; the answer to YES_NO is "yes" or "no"."""

    TEXT = "text", _("One line")
    LONG_TEXT = "long_text", _("Several lines")
    CHOICE = "choice", _("One of several")
    YES_NO = "yes_no", _("Yes or no")


class Agreement(models.Model):
    """What an owner asks of those who want a dataset's bytes: a text to sign and questions to answer.

    The newest of a dataset is in force. A change is a new one with the next number; none is ever changed, by a trigger.
    ``text`` may be empty: nothing is signed then. ``questions`` are of catalog.services.granting.questions.Question.
    """

    dataset = models.ForeignKey(Dataset, on_delete=models.CASCADE, related_name="agreements")
    number = models.PositiveIntegerField()
    text = models.TextField(blank=True)
    sha256 = models.CharField(max_length=64)
    questions = models.JSONField(default=list, blank=True)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "number"], name="agreement_number_once_per_dataset"),
        ]

    def __str__(self) -> str:
        return f"agreement {self.number} of {self.dataset_id}"


class Signature(models.Model):
    """Who agreed to which text, when, from where, for which versions (none named: all). It never changes.

    ``text_sha256`` is of the text as it was shown; it stays true whatever becomes of the agreement.
    """

    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="signatures")
    dataset = models.ForeignKey(Dataset, on_delete=models.PROTECT, related_name="signatures")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="signatures")
    name = models.CharField(max_length=150)
    signed_at = models.DateTimeField(auto_now_add=True)
    address = models.CharField(max_length=45, blank=True)
    text_sha256 = models.CharField(max_length=64)
    versions = ArrayField(models.CharField(max_length=32), default=list, blank=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.user_id} signed {self.agreement_id}"
