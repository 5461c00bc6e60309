"""At a machine's start the database may come after the console: what prepares the console waits for it."""

import os
import subprocess
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from processes import ROOT, eventually
from production import command_of, database_on, environment, servers


def test_a_database_that_comes_later_is_waited_for(tmp_path: Path) -> None:
    with servers() as (server, broker):
        late = urlunsplit(urlsplit(server)._replace(path=f"/vpnconsole_late_{os.getpid()}"))
        variables, said = environment(tmp_path / "var", late, broker), tmp_path / "said"
        command = command_of("prepare", tmp_path / "var")
        with (
            said.open("wb") as output,
            subprocess.Popen(command, cwd=ROOT, env=variables, stdout=output, stderr=output) as process,
        ):
            try:
                eventually(lambda: "Waiting for the database:" in said.read_text(encoding="utf-8"), 60)
                with database_on(server, "late") as database:
                    assert database == late
                    assert process.wait(60) == 0, said.read_text(encoding="utf-8")
            finally:
                process.kill()
