from django.apps import AppConfig


class IngestConfig(AppConfig):
    name = "ingest"

    def ready(self) -> None:
        from catalog.events import subscribe
        from ingest.events import UploadReceived
        from ingest.tasks import process_upload

        def wake_worker(event: UploadReceived) -> None:
            process_upload.delay(str(event.upload_id))

        subscribe(UploadReceived, wake_worker)
