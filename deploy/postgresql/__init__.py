"""Django's PostgreSQL, with a pool that asks a connection's socket and not its server whether it lives."""
