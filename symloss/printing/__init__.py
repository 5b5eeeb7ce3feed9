"""Floor 2: formulas as text, LaTeX and pictures; reads the records of operations and names none of them."""
