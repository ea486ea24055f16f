"""From sources to bytes: what goes into the package of a function."""
