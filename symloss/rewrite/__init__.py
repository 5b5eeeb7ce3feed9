"""Floor 3: the normal form, the rules that act on it, and the way back to written formulas."""
