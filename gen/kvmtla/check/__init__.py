"""Checking claims: what is to be run, running it, what came out."""
