"""The on-premises device's configuration, written from a connection's spec and read back. Pure Python."""
