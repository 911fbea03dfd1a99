"""What a document claims, and whether it holds."""
