"""Queries that Django turns into SQL once for a process, and that are asked again with other values."""
