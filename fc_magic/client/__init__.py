"""Speaks to any endpoint: the embedded Function Compute or a region. A plain library, useful without a notebook."""
