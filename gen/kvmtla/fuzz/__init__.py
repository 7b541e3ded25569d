"""Random specifications in the whole language, and comparisons of what is said of each."""
