"""Stands between upstream's tests and a scheduler that is a process of its own; see ../README.md."""
