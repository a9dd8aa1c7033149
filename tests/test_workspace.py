"""The files around the code: locks, environments, the README's commands, what git must never see."""

import ast
import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml
from conftest import ROOT
from packaging.markers import Marker
from packaging.requirements import Requirement

CONDA_NAMES = {"python-duckdb": "duckdb", "python-fastjsonschema": "fastjsonschema", "matplotlib-base": "matplotlib"}


def pins(file: str, python: str) -> dict[str, str]:
    """Name → version of a lock file, for one version of Python on Linux."""
    environment = {"python_version": python, "python_full_version": f"{python}.7", "sys_platform": "linux",
                   "os_name": "posix", "platform_system": "Linux", "implementation_name": "cpython",
                   "platform_python_implementation": "CPython"}  # fmt: skip
    found = {}
    for name, version, marker in re.findall(
        r"(?m)^([a-z0-9-]+)==([^\s;]+)(?: ; ([^\\\n]+))?", (ROOT / file).read_text()
    ):
        if not marker or Marker(marker.strip()).evaluate(environment):
            assert name not in found
            found[name] = version
    return found


def test_environment_yml_has_the_versions_of_the_lock():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    conda = dict(d.split("=") for d in environment["dependencies"] if isinstance(d, str) and "=" in d)
    python = conda.pop("python")
    lock = pins("requirements.lock", python)
    for name, version in conda.items():
        assert lock[CONDA_NAMES.get(name, name)] == version, name
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    direct = {Requirement(d).name for d in project["dependencies"]}
    assert {CONDA_NAMES.get(name, name) for name in conda} == direct


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_the_test_lock_extends_the_lock(python):
    lock, with_tests = pins("requirements.lock", python), pins("requirements-test.lock", python)
    assert {name: with_tests[name] for name in lock} == lock
    assert {"pytest", "playwright", "hypothesis", "ruff", "nbstripout"} <= set(with_tests)


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_the_lock_for_several_machines_is_what_dask_adds_to_the_lock(python):
    lock, with_tests = pins("requirements.lock", python), pins("requirements-test.lock", python)
    added = pins("requirements-dask.lock", python)
    assert {"dask", "distributed", "msgpack", "zict"} <= set(added) and not set(added) & set(lock)
    assert {name: with_tests[name] for name in added} == added


@pytest.mark.parametrize("file", ["requirements.lock", "requirements-test.lock", "requirements-dask.lock"])
def test_every_pin_has_hashes_and_no_address(file):
    text = (ROOT / file).read_text()
    assert not re.search(r"://|--index|--find-links|--extra|@ ", text)
    blocks = re.split(r"(?m)^(?=[a-z])", text)
    assert all("--hash=sha256:" in block for block in blocks if "==" in block)


def test_the_checks_of_accessibility_are_pinned_with_hashes_and_no_address():
    text = (ROOT / "tests" / "browser" / "package-lock.json").read_text()
    assert "://" not in text and "resolved" not in text
    packages = json.loads(text)["packages"]
    wanted = packages.pop("")["devDependencies"]
    assert wanted == json.loads((ROOT / "tests" / "browser" / "package.json").read_text())["devDependencies"]
    assert {name.removeprefix("node_modules/"): p["version"] for name, p in packages.items()} == wanted
    assert all(p["integrity"].startswith("sha512-") for p in packages.values())


def test_what_is_installed_is_what_is_locked():
    import importlib.metadata
    import sys

    lock = pins("requirements.lock", f"{sys.version_info.major}.{sys.version_info.minor}")
    for name in ("pandas", "papermill", "nbconvert", "duckdb", "matplotlib", "seaborn", "statsmodels", "jupyterlab"):
        assert importlib.metadata.version(name) == lock[name]


def test_confidential_and_generated_folders_are_ignored():
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    for path in ("data/local/kreisblick.duckdb", "data/local/befragung.sav", "output/x.html", "figures/x.png",
                 "notebooks/scratch/versuch.ipynb", ".venv/x", "tests/browser/node_modules/x"):  # fmt: skip
        done = subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT, check=False)
        assert done.returncode == 0, path


def test_ci_runs_the_test_command_of_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "    make report" in readme and "    make test" in readme
    assert re.search(r"(?m)^make test$", (ROOT / ".ci" / "run").read_text())


def test_the_readme_fits_on_two_screens_and_its_files_exist():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert len(readme.splitlines()) <= 100
    for target in re.findall(r"\]\((?!http)([^)]+)\)", readme):
        assert (ROOT / target).exists(), target


def test_hooks_check_code_and_strip_notebooks():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    assert [h["id"] for h in hooks] == ["ruff", "ruff-format", "nbstripout"]


def test_nbstripout_as_configured_keeps_kernelspec_and_tags(tmp_path):
    import shlex
    import shutil
    import sys

    import nbformat

    path = Path(shutil.copy(ROOT / "notebooks" / "01_steckbrief.ipynb", tmp_path))
    nb = nbformat.read(path, as_version=4)
    before = nb.copy()
    nb.cells[1].outputs = [nbformat.v4.new_output("stream", text="x")]
    nb.cells[1].execution_count = 3
    nb.metadata.language_info["version"] = "3.12.1"
    nbformat.write(nb, path)
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"][0]["hooks"]
    command = shlex.split(next(h["entry"] for h in hooks if h["id"] == "nbstripout"))
    subprocess.run([Path(sys.executable).with_name(command[0]), *command[1:], path], check=True)
    after = nbformat.read(path, as_version=4)
    assert after.metadata.kernelspec == before.metadata.kernelspec and "version" not in after.metadata.language_info
    assert after.cells[1].metadata.tags == ["parameters"] and not after.cells[1].outputs
    assert after.metadata.kreisblick == before.metadata.kreisblick


def test_imports_run_one_way():
    """Notebooks → report, batch → statistics → regions, catalogue, store; nothing below knows what is above."""
    floors = [
        "errors duck workspace bestaende formeln lesbarkeit",
        "files codebook yaml_files dates versionen kreisbestand store_file",
        "regions answers catalogue worte angaben disclosure ablage",
        "observations auswertung bestimmungen gebiet bezug regelwerk",
        "kleinezahlen kreisreste kreisfrueher ausgaben",
        "einwohner consistency melderegister planungsraeume gebietsstand gebietswechsel rates bestandteile "
        "store_writing",
        "sources plausibility smoothing pooling standardisation funnel kreiszellen pyramidensperrung",
        "store indicators rundung",
        "trends survey raumwerte ziele",
        "wording outputs vergleich kreissperrung",
        "kreispruefung vergleichsgruppe clusters gruppenwerte gruppengewichte befragungsgebiete befragungseinkommen",
        "tables figures kreisprofil befragungsprofil aenderungen",
        "regeltexte",
        "plots anhang befragungstexte steckbrieftexte bildtexte trendprofil innenprofil gruppenprofil "
        "befragungsausgaben",
        "steckbrief aenderungsbericht trendbericht langzeitbericht vergleichsbericht innenbericht innenentwicklung "
        "gruppenbericht gruppengebiete gruppenmethode gruppenraum zielprofil",
        "gruppenstabilitaet trendbilder",
        "gruppenplatz",
        "report",
        "release",
        "sozialbefragung befragungsarmut befragungsfragen befragungsmethode befragungsraeume befragungsruecklauf "
        "zielbericht zielfristen zielpruefung zielquellen zielumfeld batch example",
        "commands",
        "cli",
    ]
    layers = {name: n for n, names in enumerate(floors) for name in names.split()}
    for path in (ROOT / "analysis").rglob("*.py"):
        module = path.relative_to(ROOT / "analysis").parts[0].removesuffix(".py")
        if module == "__init__":
            continue
        assert module in layers, f"{module} has no layer"
        for name in imported_modules(path) & set(layers):
            assert layers[name] < layers[module] or name == module, f"{path} imports {name}"


def imported_modules(path: Path) -> set[str]:
    """Modules and folders of the package that a file imports, however the import is written."""
    full = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: a relative import"
            full += [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            full += [alias.name for alias in node.names]
    return {name.split(".")[1] for name in full if name.startswith("analysis.")}


def test_the_package_is_light_to_import():
    import sys

    code = "import sys, analysis; assert 'pandas' not in sys.modules and 'numpy' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
