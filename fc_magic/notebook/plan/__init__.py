"""What deploying would change, what it did change, and what calls cost: compared, put into words, shown."""
