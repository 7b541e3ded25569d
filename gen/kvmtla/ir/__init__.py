"""The typed intermediate form: types, expressions, statements, and the lowered model."""
