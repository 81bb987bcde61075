"""What the service has acknowledged of an upload, on the disk, so that the same call resumes it."""
