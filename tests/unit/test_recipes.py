"""Lakes of recipes are built once for one state of the code, and copies do not touch what is kept."""

from pathlib import Path

import pytest

from tests import recipes

BUILT: list[Path] = []


def bake(folder: Path) -> dict[str, int]:
    BUILT.append(folder)
    (folder / "lake").mkdir()
    (folder / "lake" / "rows").write_text("1\n", encoding="utf-8")
    return {"rows": 1}


def burn(folder: Path) -> None:
    (folder / "half").touch()
    raise ValueError("burnt")


@pytest.fixture(autouse=True)
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    BUILT.clear()
    monkeypatch.setattr(recipes, "KEPT", tmp_path / "kept")
    return tmp_path / "kept"


def test_a_recipe_is_followed_once_and_handed_out_as_copies(tmp_path: Path) -> None:
    assert recipes.follow(bake, tmp_path / "first") == {"rows": 1}
    (tmp_path / "first" / "lake" / "rows").write_text("changed", encoding="utf-8")
    assert recipes.follow(bake, tmp_path / "second") == {"rows": 1}
    assert (tmp_path / "second" / "lake" / "rows").read_text(encoding="utf-8") == "1\n"
    assert len(BUILT) == 1


def test_another_state_of_the_code_builds_again_and_removes_the_old_lake(
    tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recipes.follow(bake, tmp_path / "first")
    monkeypatch.setattr(recipes, "hash_of_sources", lambda: "f" * 64)
    recipes.follow(bake, tmp_path / "second")
    assert len(BUILT) == 2
    assert [path.name.rpartition("-")[2] for path in kept.iterdir() if path.is_dir()] == ["f" * 16]


def test_a_recipe_that_fails_is_followed_again(tmp_path: Path, kept: Path) -> None:
    for number in range(2):
        with pytest.raises(ValueError, match="burnt"):
            recipes.follow(burn, tmp_path / str(number))
    assert not list(tmp_path.glob("[01]"))
    assert {path.name.rpartition("-")[2] for path in kept.iterdir() if path.is_dir()} == {"half"}


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("ais_indicators/fold/kernel.py", True),
        ("quality/rules.yaml", True),
        ("tests/messages.py", True),
        ("tests/unit/test_recipes.py", False),
        ("README.md", False),
    ],
)
def test_the_hash_is_of_code_rules_and_builders(tmp_path: Path, path: str, counts: bool) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("a", encoding="utf-8")
    before = recipes.hash_of_sources(tmp_path)
    recipes.hash_of_sources.cache_clear()
    file.write_text("b", encoding="utf-8")
    assert (recipes.hash_of_sources(tmp_path) != before) is counts
    recipes.hash_of_sources.cache_clear()
