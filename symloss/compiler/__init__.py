"""Floor 2: from a written formula to a plan, and from the plan to NumPy source."""
