"""Function Compute 3.0's own API, 2023-03-30: each file hears the operations of a resource, and decides nothing."""
