"""Read and write meetings; one module for each file format."""

from camdata.io.coding import coding_prompt
from camdata.io.datapackage import write_folder
from camdata.io.dna import read_dna
from camdata.io.jsonl import read_jsonl
from camdata.io.refi import read_refi
from camdata.io.sheets import write_excel
from camdata.io.table import read_table
from camdata.io.taguette import read_taguette
from camdata.io.wide import read_wide

__all__ = [
    "coding_prompt",
    "read_dna",
    "read_jsonl",
    "read_refi",
    "read_table",
    "read_taguette",
    "read_wide",
    "write_excel",
    "write_folder",
]
