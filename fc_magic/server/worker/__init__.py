"""Instances: the processes that functions run in."""
