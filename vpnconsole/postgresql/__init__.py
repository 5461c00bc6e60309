"""Django's backend for PostgreSQL, which asks a kept connection that was used just now no question before it
is used again: each request would pay for that."""
