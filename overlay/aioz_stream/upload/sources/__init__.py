"""Where an upload's bytes come from."""
