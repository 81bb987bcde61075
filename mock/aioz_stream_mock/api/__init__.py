"""The contract's operations over HTTP: requests, what each operation does, and answers."""
