"""What failed, in the cell that a person wrote."""
