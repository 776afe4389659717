from ingest.models.upload import NewColumns, Upload, UploadState

__all__ = ["NewColumns", "Upload", "UploadState"]
