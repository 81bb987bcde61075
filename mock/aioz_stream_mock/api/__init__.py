"""The contract's operations over HTTP: what comes in, what each operation does, and what it answers."""
