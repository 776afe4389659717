"""Addresses that lead nowhere on purpose: port 1 of the loopback answers nobody.

Importing this lets the settings be read where no server will be asked anything.
"""

import os

for name, value in {
    "SECRET_KEY": "static",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
    "BROKER_URL": "redis://127.0.0.1:1/0",
    "S3_ENDPOINT_URL": "http://127.0.0.1:1",
    "S3_ACCESS_KEY_ID": "none",
    "S3_SECRET_ACCESS_KEY": "none",
}.items():
    os.environ.setdefault(name, value)
