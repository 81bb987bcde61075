"""What tests the mock server against the contract."""
