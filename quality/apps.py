from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "quality"

    def ready(self) -> None:
        from catalog.events import ResourceStored, SchemaChanged, subscribe
        from catalog.outcomes import register_sentences
        from quality.services.checks import queue_check
        from quality.tasks import run_check
        from quality.wording import wording_of

        def check(event: ResourceStored | SchemaChanged) -> None:
            run = queue_check(resource_id=event.resource_id)
            if run is not None:
                run_check.delay(run.pk)

        subscribe(ResourceStored, check)
        subscribe(SchemaChanged, check)
        register_sentences(wording_of)
