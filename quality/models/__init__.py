from quality.models.check_run import CheckRun, CheckRunState

__all__ = ["CheckRun", "CheckRunState"]
