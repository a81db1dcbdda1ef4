"""Files of other programs read as a `Meeting`, and a meeting written as a workbook."""

from camdata.io.dna import read_dna
from camdata.io.excel import write_excel
from camdata.io.refi import read_refi
from camdata.io.table import read_table
from camdata.io.taguette import read_taguette
from camdata.io.wide import read_wide

__all__ = ["read_dna", "read_refi", "read_table", "read_taguette", "read_wide", "write_excel"]
