"""The simulated device at a tunnel's far end: what is set on it, how it compares, and what can be broken."""
