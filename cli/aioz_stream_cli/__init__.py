"""The command `aioz-stream`. Its libraries are the extra [cli]."""
