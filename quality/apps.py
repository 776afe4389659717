from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "quality"

    def ready(self) -> None:
        from catalog.differences import register_shelf
        from catalog.events import FrequencyChanged, ResourceStored, SchemaChanged, VersionChecked, subscribe
        from catalog.freshness import register_judge
        from catalog.jobs.board import JobPutBack, register_board
        from catalog.jobs.lanes import SlotFreed
        from catalog.outcomes import register_sentences
        from quality.rules.wording import wording_of
        from quality.services.boards import CHECK_BOARD, COMPARISON_BOARD
        from quality.services.checks import CHECKS, queue_check
        from quality.services.comparisons import COMPARISONS, ComparisonQueued, Shelf, want_against_latest
        from quality.services.freshness import judge
        from quality.services.rules import recheck_promised
        from quality.tasks import wake, wake_comparison

        def check(event: ResourceStored | SchemaChanged) -> None:
            run = queue_check(resource_id=event.resource_id)
            if run is not None:
                wake(run.pk, CHECKS.lane_of(run.pk))

        def wake_for_slot(_: SlotFreed) -> None:
            for run_id, lane in CHECKS.next_of_the_larger_lanes():
                wake(run_id, lane)
            for comparison_id, lane in COMPARISONS.next_of_the_larger_lanes():
                wake_comparison(comparison_id, lane)

        def compare(event: ComparisonQueued) -> None:
            wake_comparison(event.comparison_id, COMPARISONS.lane_of(event.comparison_id))

        def wake_put_back(event: JobPutBack) -> None:
            if event.noun == CHECK_BOARD.noun:
                wake(event.pk, event.lane)
            elif event.noun == COMPARISON_BOARD.noun:
                wake_comparison(event.pk, event.lane)

        subscribe(JobPutBack, wake_put_back)
        subscribe(ResourceStored, check)
        subscribe(SchemaChanged, check)
        subscribe(FrequencyChanged, lambda event: recheck_promised(dataset_id=event.dataset_id))
        subscribe(SlotFreed, wake_for_slot)
        subscribe(VersionChecked, lambda event: want_against_latest(version_id=event.version_id))
        subscribe(ComparisonQueued, compare)
        register_shelf(Shelf())
        register_sentences(wording_of)
        register_judge(judge)
        register_board(CHECK_BOARD)
        register_board(COMPARISON_BOARD)
