from ingest.models.upload import Upload, UploadState

__all__ = ["Upload", "UploadState"]
