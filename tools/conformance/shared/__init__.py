"""What the tests of the mock server and the checks of a deployment share."""
