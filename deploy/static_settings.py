"""Settings for tools that read the code and touch no server: mypy, makemigrations --check, the OpenAPI check."""

import deploy.nowhere  # noqa: F401 -- the environment has to be there before the settings read it.
from deploy.settings import *  # noqa: F403
