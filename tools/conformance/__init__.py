"""How the contract is tested against a server, and how these tests are tested themselves."""
