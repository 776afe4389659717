"""Each parse in a process of its own (catalog/sandbox), which may crash, hang or swell without anybody else noticing.

::

    worker ──Keeper──▶ warden (clean environment, engines loaded once, one thread)
       ▲                  │ forks, watches, kills, reaps
       └── JSON frames ── cell (limits, no network, no other process; runs the pipeline)

The worker trusts neither the cell's bytes nor its promises: what comes back is decoded by the types that are
declared here (never by pickle) and looked at before it is used (``custody.py``).
"""
