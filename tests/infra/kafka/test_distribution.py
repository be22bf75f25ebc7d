"""What is said where Apache Kafka can't be had."""

from pathlib import Path

import pytest

from infra.kafka import distribution
from infra.kafka.distribution import KafkaMissing, jars


def test_without_java_and_maven_it_names_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(distribution, "CACHE", tmp_path)

    with pytest.raises(KafkaMissing, match=r"install Java 17 or newer and Maven"):
        jars()


def test_jars_of_another_pom_or_of_a_broken_fetch_are_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    launcher = tmp_path / "bin"
    launcher.mkdir()
    for name in ("java", "mvn"):
        (launcher / name).write_text("#!/bin/sh\necho no route to the repository; exit 1\n")
        (launcher / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{launcher}:/usr/bin:/bin")
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setattr(distribution, "CACHE", tmp_path / "cache")

    for _ in range(2):
        with pytest.raises(KafkaMissing, match=r"no route to the repository"):
            jars()

    (launcher / "mvn").write_text(
        '#!/bin/sh\nfor a; do case $a in -Dout*) mkdir "${a#*=}"; touch "${a#*=}/new.jar";; esac; done\n'
    )
    [folder] = {jars(), jars()}
    (folder / "complete").write_text("another pom")
    (folder / "old.jar").touch()

    assert sorted(file.name for file in jars().iterdir()) == ["complete", "new.jar"]
