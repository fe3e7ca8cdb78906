"""Disclosure control: which cells of linked tables to hide, and proof that nobody can compute them back.

From cells and the relations between them to a pattern and its proof::

    tables.link        long table + hierarchies -> cells and relations
    primary, magnitude which cells may not be shown
    register           what earlier releases have made known for good
    protect.protect    which further cells to hide, which breakdowns to refuse
    audit.audit        what an attacker can still compute about each cell that may not be shown

Pure functions over data frames. Thresholds come from the caller; nothing here is written to disk or logged.
Proofs and patterns are as confidential as the figures themselves: only ``Protection.log`` may be published.
"""
