"""Floor 3: derivatives of normal forms, as normal forms."""
