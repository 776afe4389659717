"""Findings: each thing that was wrong with a file, as data (code, where, value), never as stored prose.

Sentences are made from translatable templates when they are shown, so that a report reads in the reader's
language (W3C ``dqv:QualityAnnotation``). The catalogue is the single list of codes: the docs are checked
against it. *Rejecting* codes end an upload; *error* codes cost a cell or a row, which is kept on record;
*warning* and *info* codes say what was done or doubted.
"""

from catalog.findings.catalogue import CATALOGUE, remedy, severity, title
from catalog.findings.finding import Finding, FindingGroup
from catalog.findings.kind import FindingType, Severity
from catalog.findings.sentences import sentence

__all__ = [
    "CATALOGUE",
    "Finding",
    "FindingGroup",
    "FindingType",
    "Severity",
    "remedy",
    "sentence",
    "severity",
    "title",
]
