"""The line of a magic, and what belongs to it below: its words, expressions, options and values."""
