"""Writing models as TLA+."""
