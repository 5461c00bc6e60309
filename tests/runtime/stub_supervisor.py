"""A real supervisor of shell scripts: `stub_supervisor.py PLAN`, where PLAN is JSON.

{"programs": [[name, rank, script], …], "grace": seconds, "kernel": whether the kernel holds the leash}
"""

import json
import os
import sys

from vpnconsole.runtime import children
from vpnconsole.runtime.console import Console

plan = json.loads(sys.argv[1])
vars(children)["GRACE"] = plan["grace"]
vars(children)["HELD_BY_KERNEL"] = plan["kernel"]
supervisor = children.Supervisor(Console(sys.stdout.fileno()))
for name, rank, script in plan["programs"]:
    supervisor.start(children.Program(name, ("sh", "-c", script), os.environ, rank=rank))
supervisor.wait(lambda: False)
supervisor.stop()
