"""The tests, tested: mistakes are made on purpose, one at a time, and a test has to notice each."""
