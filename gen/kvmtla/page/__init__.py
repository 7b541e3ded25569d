"""A counterexample as a page: one file that a browser opens, with nothing else to load."""

from kvmtla.page.build import Shown, page_data
from kvmtla.page.html import page

__all__ = ["Shown", "page", "page_data"]
