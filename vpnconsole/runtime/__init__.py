"""What `make run` starts: web server, worker, beat and an embedded Valkey under one supervisor.

`__main__` tells the story; `preflight` refuses with a reason, `children` starts, restarts and stops, `leash`
ends a child with its parent, `console` joins what the children write, `valkey` configures the embedded
server, `prepare` brings database, texts, static files and demo data up to date.
"""
