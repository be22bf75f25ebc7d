"""The browser's scripts: locked by hash, named by no address, fetched and not committed."""

import json
from pathlib import Path

import pytest

from services.web.assets import HERE, SERVED, NpmMissing, install
from tests.services.web.conftest import Pages


def test_the_lock_pins_every_package_by_hash_and_names_no_registry() -> None:
    text = (HERE / "package-lock.json").read_text()
    packages = json.loads(text)["packages"]
    fetched = {name: package for name, package in packages.items() if name}
    assert {name.split("/")[1] for name in fetched} == {"htmx.org", "idiomorph", "axe-core"}
    assert all(package["integrity"].startswith("sha512-") for package in fetched.values())
    assert "://" not in text
    assert "://" not in (HERE / ".npmrc").read_text()


def test_without_npm_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(NpmMissing, match="make run"):
        install(tmp_path / "vendor")
    assert not (tmp_path / "vendor").exists()


def test_a_page_asks_for_scripts_of_this_site_only(pages: Pages) -> None:
    text = pages.get("/sign-in").text
    for name in SERVED.values():
        assert f'src="/static/vendor/{name}?v=' in text
    assert "//" not in text.replace("<!doctype html>", "").partition("<main")[0].replace("https://", "//")


def test_an_asset_changes_its_address_with_its_content(pages: Pages) -> None:
    address = pages.http.app.state.asset("styles.css")  # type: ignore[attr-defined]
    assert address.startswith("/static/styles.css?v=")
    assert len(address.partition("=")[2]) == 12
    assert pages.get(address).headers["content-type"].startswith("text/css")
