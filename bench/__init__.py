"""How fast, how lean, how much in time: each module prints what it measures. docs/benchmarks.md holds the results."""
