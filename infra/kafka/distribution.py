"""Apache Kafka's jars: fetched once from Maven Central as `pom.xml` pins them, kept in a cache folder."""

import fcntl
import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

POM = Path(__file__).with_name("pom.xml")
CACHE = Path(__file__).parents[2] / ".cache" / "kafka"
COMPLETE = "complete"


class KafkaMissing(Exception):
    """No Kafka can be started here; the message says what to install or set."""


def java() -> str | None:
    """The Java launcher: JAVA_HOME's, else the one on the path; None where there is none."""
    home = os.environ.get("JAVA_HOME")
    if home and (launcher := Path(home, "bin", "java")).is_file():
        return str(launcher)
    return shutil.which("java")


def missing_tools() -> list[str]:
    """What this machine lacks to start a broker; Maven is needed only until the jars are in the cache."""
    missing = [] if java() else ["Java 17 or newer"]
    if not _is_complete(_folder()) and shutil.which("mvn") is None:
        missing.append("Maven")
    return missing


def jars() -> Path:
    """The folder with Kafka's jars, fetched on first use (about 45 MB).

    Raises KafkaMissing where Java or Maven is absent, or Maven can't fetch them.
    """
    if missing := missing_tools():
        raise KafkaMissing(f"install {' and '.join(missing)} to start Apache Kafka")
    folder = _folder()
    folder.mkdir(parents=True, exist_ok=True)
    # Two test runs started together must not write the same folder.
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not _is_complete(folder):
            shutil.rmtree(folder)
            _fetch(folder)
            (folder / COMPLETE).write_text(_fingerprint())
    return folder


def _fetch(folder: Path) -> None:
    fetched = subprocess.run(
        [
            *("mvn", "--quiet", "--batch-mode", "--file", str(POM)),
            *("dependency:copy-dependencies", f"-DoutputDirectory={folder}"),
        ],
        capture_output=True,
        text=True,
    )
    if fetched.returncode != 0:
        raise KafkaMissing(f"Maven could not fetch Apache Kafka: {(fetched.stdout + fetched.stderr)[-600:]}")


def _folder() -> Path:
    version = ElementTree.parse(POM).findtext(".//{*}kafka.version")
    return CACHE / f"kafka-{version}"


def _is_complete(folder: Path) -> bool:
    marker = folder / COMPLETE
    return marker.is_file() and marker.read_text() == _fingerprint()


def _fingerprint() -> str:
    return hashlib.sha256(POM.read_bytes()).hexdigest()
