"""Reading a spec: Python source to the typed intermediate form."""
