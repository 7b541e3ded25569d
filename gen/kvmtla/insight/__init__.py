"""What the second engine tells beside a verdict: counts, near misses, differences."""
