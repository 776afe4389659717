from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "ingest"

    def ready(self) -> None:
        from catalog.events import subscribe
        from catalog.jobs.board import JobPutBack, register_board
        from catalog.jobs.lanes import SlotFreed
        from catalog.jobs.unfinished import register_finder
        from ingest.events import UploadReceived
        from ingest.selectors.uploads import find_unfinished
        from ingest.services.board import UPLOAD_BOARD
        from ingest.tasks import wake

        def wake_worker(event: UploadReceived) -> None:
            wake(event.upload_id, event.lane)

        def wake_for_slot(_: SlotFreed) -> None:
            from ingest.services.sweeping import UPLOADS

            for upload_id, lane in UPLOADS.next_of_the_larger_lanes():
                wake(upload_id, lane)

        def wake_put_back(event: JobPutBack) -> None:
            if event.noun == UPLOAD_BOARD.noun:
                wake(event.pk, event.lane)

        subscribe(UploadReceived, wake_worker)
        subscribe(JobPutBack, wake_put_back)
        subscribe(SlotFreed, wake_for_slot)
        register_board(UPLOAD_BOARD)
        register_finder(find_unfinished)
