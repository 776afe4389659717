from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "quality"

    def ready(self) -> None:
        from catalog.events import ResourceStored, SchemaChanged, subscribe
        from catalog.lanes import SlotFreed
        from catalog.outcomes import register_sentences
        from quality.services.checks import lane_of_run, next_of_the_larger_lanes, queue_check
        from quality.tasks import wake
        from quality.wording import wording_of

        def check(event: ResourceStored | SchemaChanged) -> None:
            run = queue_check(resource_id=event.resource_id)
            if run is not None:
                wake(run.pk, lane_of_run(run.pk))

        def wake_for_slot(_: SlotFreed) -> None:
            for run_id, lane in next_of_the_larger_lanes():
                wake(run_id, lane)

        subscribe(ResourceStored, check)
        subscribe(SchemaChanged, check)
        subscribe(SlotFreed, wake_for_slot)
        register_sentences(wording_of)
