"""Counterexamples: replayed step by step, then told in the kernel's words."""

from kvmtla.trace.build import build_trace, path_trace, trace_of
from kvmtla.trace.commit import commit_form
from kvmtla.trace.counterexample import Change, Link, Step, Told
from kvmtla.trace.replay import ReplayError, Walk, follow
from kvmtla.trace.story import step_in_words, story
from kvmtla.trace.trace import Trace

__all__ = [
    "Change",
    "Link",
    "ReplayError",
    "Step",
    "Told",
    "Trace",
    "Walk",
    "build_trace",
    "commit_form",
    "follow",
    "path_trace",
    "step_in_words",
    "story",
    "trace_of",
]
