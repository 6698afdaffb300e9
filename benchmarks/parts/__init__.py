"""What is measured, one module for each part of `results.md`."""
