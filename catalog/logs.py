"""No secret reaches a log line."""

from __future__ import annotations

import logging
import re

_SECRETS = re.compile(r"(cfd_[A-Za-z0-9_-]{4})[A-Za-z0-9_-]+|(token=)[^&\s\"']+|(X-Amz-Signature=)[^&\s\"']+")


class ScrubTokens(logging.Filter):
    """Cut tokens and signatures out of whatever is logged, arguments included."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        scrubbed = _SECRETS.sub(lambda match: f"{match[1] or match[2] or match[3]}…", message)
        if scrubbed != message:
            record.msg, record.args = scrubbed, None
        return True
