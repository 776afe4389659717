from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "ingest"

    def ready(self) -> None:
        from catalog.events import subscribe
        from catalog.lanes import SlotFreed
        from ingest.events import UploadReceived
        from ingest.tasks import wake

        def wake_worker(event: UploadReceived) -> None:
            wake(event.upload_id, event.lane)

        def wake_for_slot(_: SlotFreed) -> None:
            from ingest.services.sweeping import UPLOADS

            for upload_id, lane in UPLOADS.next_of_the_larger_lanes():
                wake(upload_id, lane)

        subscribe(UploadReceived, wake_worker)
        subscribe(SlotFreed, wake_for_slot)
