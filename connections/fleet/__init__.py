"""What lists, filters, searches and counts of many connections read: narrow tables beside the real ones.

The database itself keeps them true, by triggers on what they are drawn from: no write can pass them by, be it
a worker's, a service's or somebody's own. Nothing else writes them. `keeping` puts the triggers in place
after each migration, and fills the tables anew then.
"""
