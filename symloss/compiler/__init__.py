"""Floor 2: from a written formula to a plan, from the plan to NumPy source; reads the records of operations."""
