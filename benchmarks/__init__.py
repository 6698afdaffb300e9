"""How fast the tool is, measured; `python -m benchmarks` writes `results.md`."""
