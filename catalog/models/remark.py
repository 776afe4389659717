from __future__ import annotations

from django.db import models

from catalog.models.review import Review
from catalog.models.user import User


class Remark(models.Model):
    """One turn of the conversation about a submitted version, between its makers and the stewards. It stays."""

    review = models.ForeignKey(Review, on_delete=models.CASCADE, related_name="remarks")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    created = models.DateTimeField(auto_now_add=True)
    text = models.TextField()

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=~models.Q(text=""), name="remark_says_something")]

    def __str__(self) -> str:
        return f"remark {self.pk}"
