"""The benchmark of the engine: `make bench`. Not collected by pytest; docs/benchmarks.md says how
to read what comes out."""
