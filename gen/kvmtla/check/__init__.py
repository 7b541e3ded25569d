"""Checking claims: choosing what to run, running it, and judging what came out."""
