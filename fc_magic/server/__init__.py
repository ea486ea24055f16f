"""A small Function Compute: speaks the deployments API and FC 3.0's; knows nothing of notebooks."""
