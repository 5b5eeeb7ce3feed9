"""Floor 4: derivations as objects, made from the traces of calculus and rewriting."""
