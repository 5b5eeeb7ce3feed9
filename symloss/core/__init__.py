"""Floor 1: expressions, shapes, dtypes, notation and errors; knows no operation."""
