"""Work on what strangers send, in a process of its own, which may crash, hang or swell without anybody else noticing.

::

    worker or web ──Keeper──▶ warden (clean environment, engines loaded once, one thread)
          ▲                     │ forks, watches, kills, reaps
          └─── JSON frames ──── cell (limits, no network, no other process; runs one job)

Whoever asks trusts neither the cell's bytes nor its promises: what comes back is decoded by types that are declared on
this side, never by pickle. ``ingest/sandbox`` parses files in such cells, ``catalog/querying`` answers questions.
"""
