"""A real JupyterLab as `make lab` starts it: open the Steckbrief, change the Kreis, run all cells, see the result."""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from conftest import ROOT
from playwright.sync_api import expect


@pytest.fixture
def lab(clone, shipped_store, tmp_path):
    """Address of a running JupyterLab on a copy of the workspace."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "PYTHONPATH": str(clone),
        "KREISBLICK_STORE": str(shipped_store),
        "JUPYTER_CONFIG_DIR": str(tmp_path / "config"),
        "JUPYTER_DATA_DIR": str(tmp_path / "data"),
        "JUPYTER_RUNTIME_DIR": str(tmp_path / "runtime"),
        "IPYTHONDIR": str(tmp_path / "ipython"),
        "JUPYTERLAB_SETTINGS_DIR": str(tmp_path / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(tmp_path / "workspaces"),
    }
    log = (tmp_path / "lab.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "analysis.cli", "lab", "--no-browser", "--allow-root", f"--port={port}",
         "--ServerApp.port_retries=0", "--IdentityProvider.token=test"],
        cwd=clone, env=environment, stdout=log, stderr=log,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/api?token=test", timeout=2)
                break
            except OSError:
                assert process.poll() is None, (tmp_path / "lab.log").read_text()
                time.sleep(0.5)
        yield address
    finally:
        process.terminate()
        process.wait(20)
        log.close()


def test_an_analyst_changes_the_kreis_and_sees_another_report(lab, clone, browser):
    shutil.copy(clone / "notebooks" / "01_steckbrief.ipynb", clone / "notebooks" / "versuch.ipynb")
    page = browser.new_page(viewport={"width": 1400, "height": 1000})
    page.goto(f"{lab}/lab/tree/notebooks/versuch.ipynb?token=test")
    editor = page.locator(".jp-Notebook .jp-CodeCell .cm-content").first
    editor.wait_for(timeout=90_000)
    expect(editor).to_contain_text('kreis = "16077"', timeout=90_000)
    page.get_by_text("Kreisblick | Idle").or_(page.locator('.jp-NotebookPanel-toolbar [title*="Idle"]')).first.wait_for(
        timeout=90_000, state="attached"
    )
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text('kreis = "16070"\nraum = ""\nvergleich = "land"\nsprache = "de"')
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    title = page.locator(".jp-OutputArea h1", has_text="Steckbrief Ilm-Kreis")
    title.wait_for(timeout=120_000)
    assert page.locator(".jp-OutputArea h1", has_text="Altenburger").count() == 0
    table = page.locator(".jp-OutputArea table caption", has_text="Quellen der Zahlen")
    page.locator(".jp-Notebook").evaluate("n => n.scrollTop = n.scrollHeight")
    table.first.wait_for(timeout=120_000, state="attached")
    page.close()


def test_the_kernel_reloads_a_changed_helper(tmp_path, monkeypatch):
    """The kernel that `make lab` offers: a function changed in its file is new in the next cell, without restart."""
    from jupyter_client.manager import start_new_kernel

    monkeypatch.setenv("JUPYTER_PATH", str(ROOT / "analysis" / "lab" / "share"))
    helper = tmp_path / "helfer.py"
    helper.write_text("def zahl():\n    return 'alt'\n")
    manager, client = start_new_kernel(kernel_name="python3", cwd=str(tmp_path))
    try:
        assert manager.kernel_spec.display_name == "Kreisblick"

        def run(code: str) -> str:
            shown = []
            client.execute_interactive(
                code, timeout=60, output_hook=lambda m: shown.append(m["content"].get("text", ""))
            )
            return "".join(shown)

        assert run("import helfer\nprint(helfer.zahl())") == "alt\n"
        time.sleep(1.1)  # autoreload looks at the file's time, in seconds
        helper.write_text("def zahl():\n    return 'neu'\n")
        assert run("print(helfer.zahl())") == "neu\n"
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def test_jupyterlab_asks_no_other_machine_for_news(lab, browser):
    page = browser.new_page()
    foreign = []
    page.on("request", lambda r: re.match(rf"{lab}|data:|blob:|ws://127", r.url) or foreign.append(r.url))
    page.goto(f"{lab}/lab?token=test")
    page.locator("#jp-main-dock-panel").wait_for(timeout=90_000)
    page.wait_for_load_state("networkidle")
    assert foreign == []
    page.close()
