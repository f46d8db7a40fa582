"""The environment of the peers: made from the lock file when it is first wanted, and again when that changes."""

import hashlib
import subprocess
import sys

from servers import HERE, VENV

_LOCK = HERE / "requirements.lock"
_MARK = VENV / "installed-lock"


def install() -> None:
    """`.venv` holds exactly what the lock names. Raises SystemExit with what failed; pip shows its progress."""
    wanted = hashlib.sha256(_LOCK.read_bytes()).hexdigest()
    if _MARK.exists() and _MARK.read_text() == wanted:
        return
    print("installing the peers (once) ...", flush=True)
    pip = f"{VENV}/bin/python -m pip install --disable-pip-version-check --require-hashes"
    commands = ([sys.executable, "-m", "venv", "--clear", str(VENV)], [*pip.split(" "), "-r", str(_LOCK)])
    for command in commands:
        if subprocess.run(command, check=False).returncode != 0:
            raise SystemExit(f"the peers cannot be installed: `{' '.join(command)}` failed")
    _MARK.write_text(wanted)
