"""What readers without Python get: the page, tables, and all words behind positions."""

from camdata.report.evidence_tables import EvidenceTable, evidence_table

__all__ = ["EvidenceTable", "evidence_table"]
