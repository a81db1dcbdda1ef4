"""What other tools write, read as a `Meeting`; one module for each format."""

from camdata.exchange.dna import read_dna
from camdata.exchange.excel import write_excel
from camdata.exchange.refi import read_refi
from camdata.exchange.table import read_table
from camdata.exchange.taguette import read_taguette
from camdata.exchange.wide import read_wide

__all__ = ["read_dna", "read_refi", "read_table", "read_taguette", "read_wide", "write_excel"]
