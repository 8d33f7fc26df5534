"""The phone in TypeScript, in one process for many questions."""

import json
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]
NODE = ROOT / ".venv" / "bin" / "node"


class Mirror:
    """`tests/sync/mirror.mts`: a line of JSON in, a line of JSON out."""

    def __init__(self):
        script = str(Path(__file__).with_suffix(".mts"))
        pipe = subprocess.PIPE
        self._process = subprocess.Popen([NODE, script], stdin=pipe, stdout=pipe, cwd=ROOT, encoding="utf-8")

    def ask(self, **question):
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"the mirror died of {json.dumps(question)}"
        return json.loads(line)

    def close(self):
        self._process.communicate()
