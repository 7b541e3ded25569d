"""What TLC finds beside what others find in the same model."""
