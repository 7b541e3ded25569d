"""A counterexample as a page: one file that a browser opens without loading anything else."""

from kvmtla.page.build import Shown, page_data
from kvmtla.page.html import page
from kvmtla.page.index import index

__all__ = ["Shown", "index", "page", "page_data"]
