"""What checks a deployment against the contract."""
