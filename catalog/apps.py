from django.apps import AppConfig


class CatalogConfig(AppConfig):
    name = "catalog"

    def ready(self) -> None:
        from catalog.events import DecisionRecorded, subscribe
        from catalog.tasks import carry_out_decision

        def send_for_later(event: DecisionRecorded) -> None:
            carry_out_decision.apply_async((event.review_id,), countdown=event.seconds)

        subscribe(DecisionRecorded, send_for_later)
