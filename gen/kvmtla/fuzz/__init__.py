"""Random specifications that contain the whole language, and what has to be the same of each."""
