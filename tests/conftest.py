"""The whole suite runs against real servers (tests/early.py starts them)."""

pytest_plugins = [
    "tests.fixtures.database",
    "tests.fixtures.people",
    "tests.fixtures.api",
    "tests.fixtures.site",
    "tests.fixtures.figures",
]
