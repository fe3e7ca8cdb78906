"""Release store: a candidate file is audited, made into an immutable release, and ``current`` points to it.

Layout under the data directory::

    candidates/<build_id>/  equity.duckdb  candidate.json  audit.json (after the gate)  refusal.txt
    releases/<id>/          equity.duckdb  parquet/  csv/  difference.json  audit.json  manifest.json  ...
    releases/counter        last id given out
    releases/log.jsonl      what was published, rolled back, refused and removed
    releases/.lock          held by the one publisher
    current                 symbolic link to releases/<id>

Needs a file system with symbolic links, ``flock`` and atomic rename: any local one of Linux or macOS.
Windows is out of scope for the store; a release itself opens anywhere.
"""
