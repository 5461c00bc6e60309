"""Django's backend for PostgreSQL, which looks whether a kept connection still stands without a way to the
server: each request would pay for that."""
