"""What the server keeps: accounts, videos, uploads, prices, the clock, and the settings it runs with."""
