"""What other tools write, read as a `Meeting`; one module for each format."""

from camdata.exchange.dna import read_dna

__all__ = ["read_dna"]
