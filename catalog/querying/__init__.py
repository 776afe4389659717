"""Questions to tables, answered in a process of its own (catalog/sandbox): SQL, and tables in other formats.

::

    web ── Seat ──▶ cell: an engine that is shut in, a folder with the files of this question and nothing else
     ▲                │ reads the statement, names its tables; gets their files; writes the answer, a piece at a time
     └── messages ────┘

``engine`` and ``cell`` run in the cell, where pyarrow is loaded; the web loads neither. ``statement`` says what a query
may be, ``lines`` writes rows as text within the engine's own SQL, ``seats`` keeps the cells.
"""
