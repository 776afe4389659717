from ingest.models.upload import NewColumns, Upload, UploadKind, UploadState

__all__ = ["NewColumns", "Upload", "UploadKind", "UploadState"]
