"""Settings for tools that read the code and touch no server: mypy, makemigrations --check, the OpenAPI check.

The values lead nowhere on purpose: port 1 of the loopback answers nobody.
"""

import os

_NOWHERE = {
    "SECRET_KEY": "static",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "BROKER_URL": "redis://127.0.0.1:1/0",
    "S3_ENDPOINT_URL": "http://127.0.0.1:1",
    "S3_ACCESS_KEY_ID": "none",
    "S3_SECRET_ACCESS_KEY": "none",
}
for name, value in _NOWHERE.items():
    os.environ.setdefault(name, value)

from deploy.settings import *  # noqa: E402, F403 -- the environment has to be there first.
