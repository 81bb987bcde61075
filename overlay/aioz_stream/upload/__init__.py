"""Uploading: the plan divides a file, sources read it, the engine sends it, and the journal lets it resume."""
