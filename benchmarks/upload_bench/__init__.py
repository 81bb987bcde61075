"""How fast a file is uploaded, and what that costs: the client beside its floors, curl and the clients of others."""
