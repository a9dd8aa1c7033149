"""Kernels forked from a warm process: as ordinary ones, apart from each other, and gone when nobody needs them."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import papermill
import pytest
from conftest import ROOT
from notebooks_made import write_notebook

from analysis.batch import kernels, preload, warm
from analysis.batch.export import Target
from analysis.batch.job import ERSTELLT
from analysis.batch.plan import Job, read_notebook
from analysis.batch.run import run

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="warm kernels need Linux")

LIBRARIES = """
import duckdb, matplotlib.pyplot, pandas, seaborn, sklearn.cluster, statsmodels.api
from analysis import outputs
"""

STATE = """
import builtins, gc, json, locale, logging, os, random, signal, sys, threading, warnings
import matplotlib, numpy, pandas

def plain(value):
    return json.loads(json.dumps(value, default=str, sort_keys=True))

main = sys.modules["__main__"]
plain({
    "environment": {k: v for k, v in os.environ.items() if k != "JPY_PARENT_PID"},
    "folder": os.getcwd(),
    "path": sys.path,
    "arguments": [a for a in sys.argv if "parent_handle" not in a and not a.endswith(".json")],
    "interpreter": [sys.executable, list(sys.flags), hash("Kreis"), sys.getrecursionlimit(), sys.dont_write_bytecode],
    "names": sorted(name for name in vars(main) if not name.startswith("_")),
    "builtins": sorted(vars(builtins)),
    "matplotlib": dict(matplotlib.rcParams),
    "backend": matplotlib.get_backend(),
    "pandas": {option: pandas.get_option(option) for option in OPTIONS},
    "numpy": [numpy.geterr(), numpy.get_printoptions()],
    "warnings": sorted({str(f) for f in warnings.filters}),
    "locale": locale.setlocale(locale.LC_ALL),
    "signals": [str(signal.getsignal(s)).split(" at ")[0] for s in (signal.SIGINT, signal.SIGTERM, signal.SIGCHLD)],
    "logging": [logging.root.level, len(logging.root.handlers), logging.raiseExceptions],
    "threads": sorted(t.name.rstrip("0123456789") for t in threading.enumerate()),
    "rounding": str(__import__("decimal").getcontext()),
    "collector": [gc.isenabled(), gc.get_threshold()],
    "umask": [os.umask(0o22), os.umask(0o22)][0],
    "group": os.getpgid(0) == os.getpid() == os.getsid(0),
    "descriptors": descriptors(),
})
"""
STATE = (
    'OPTIONS = ["display.max_columns", "display.encoding", "display.width", "display.max_rows", "mode.copy_on_write"]\n'
    "def kind(number):\n"
    "    import os\n"
    "    try:\n"
    '        return os.readlink(f"/proc/self/fd/{number}").split(":[")[0]\n'
    "    except OSError:\n"
    '        return ""\n'
    "def descriptors(before=None):\n"
    "    import os, time\n"
    '    found = sorted(k for k in map(kind, set(os.listdir("/proc/self/fd")) - {"0"}) if k)\n'
    "    time.sleep(0.3)\n"  # until all channels of the client are connected
    "    return found if found == before else descriptors(found)\n" + STATE
)

MISCHIEF = """
import builtins, locale, logging, os, random, signal, sys, threading, time, warnings, decimal
import matplotlib, numpy, pandas
from analysis import outputs

kept = open(os.devnull)
os.environ["KREISBLICK_STORE"] = "/nirgends"
os.environ["MPLBACKEND"] = "svg"
os.chdir("/")
sys.path.insert(0, "/nirgends")
sys.setrecursionlimit(4321)
builtins.unfug = outputs.unfug = sys.modules["__main__"].unfug = 1
matplotlib.rcParams["font.size"] = 77
matplotlib.pyplot.figure()
pandas.set_option("display.max_columns", 3)
numpy.seterr(all="ignore")
numpy.random.seed(1)
random.seed(1)
warnings.simplefilter("ignore")
logging.root.setLevel(1)
logging.root.addHandler(logging.NullHandler())
signal.signal(signal.SIGTERM, signal.SIG_IGN)
decimal.getcontext().prec = 3
os.umask(0)
threading.Thread(target=time.sleep, args=(600,), name="unfug").start()
"done"
"""


def execute(folder: Path, *cells: str, warm_from: Path | None = None):
    """Last result of a notebook with these cells, through papermill in a kernel of its own."""
    path = folder / f"n{len(list(folder.iterdir()))}.ipynb"
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    nb.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(nb, path)
    sockets = path.with_suffix(".k")
    sockets.mkdir()
    executed = papermill.execute_notebook(
        str(path),
        None,
        kernel_name="python3",
        cwd=str(ROOT),
        progress_bar=False,
        engine_name=kernels.ENGINE,
        kernel_manager_class=kernels.WarmKernelManager,
        shutdown_kernel="immediate",
        config=kernels.config(sockets, warm_from or path),
    )
    return eval(executed.cells[-1].outputs[-1]["data"]["text/plain"])


@pytest.fixture(scope="module", autouse=True)
def environment():
    """What a run gives its kernels."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in warm.KERNEL_ENVIRONMENT.items():
            patch.setenv(name, value)
        yield


@pytest.fixture(scope="module")
def warm_folder(environment, tmp_path_factory):
    """Folder with a warm process that has imported some of what reports import."""
    folder = tmp_path_factory.mktemp("w")
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(LIBRARIES)])
    nbformat.write(nb, folder / "bericht.ipynb")
    with warm.zygote(folder, [folder / "bericht.ipynb"]):
        yield folder


@pytest.fixture
def folder(tmp_path):
    """Folder with a warm process that a test may kill."""
    (tmp_path / "s").mkdir()
    with warm.zygote(tmp_path / "s", []):
        yield tmp_path / "s"


def children(pid: int) -> list[int]:
    done = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(number) for number in done.stdout.split()]


def gone(pid: int, seconds: float = 10) -> bool:
    """Whether a process ends within that time; one that only waits to be waited for has ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


PARENT = "import os\nopen(f'/proc/{os.getppid()}/cmdline').read().split('\\0')"


def test_a_warm_kernel_comes_from_the_warm_process_and_is_in_the_state_of_an_ordinary_one(warm_folder):
    assert "analysis.batch.zygote" in execute(warm_folder, PARENT, warm_from=warm_folder)
    assert "analysis.batch.zygote" not in execute(warm_folder, PARENT)
    warm_state = execute(warm_folder, LIBRARIES, STATE, warm_from=warm_folder)
    ordinary = execute(warm_folder, LIBRARIES, STATE)
    different = {k: (warm_state[k], ordinary[k]) for k in ordinary if warm_state[k] != ordinary[k]}
    assert different == {}


def test_what_a_notebook_leaves_behind_reaches_no_other(warm_folder):
    before = execute(warm_folder, LIBRARIES, STATE, warm_from=warm_folder)
    assert execute(warm_folder, MISCHIEF, warm_from=warm_folder) == "done"
    assert execute(warm_folder, LIBRARIES, STATE, warm_from=warm_folder) == before
    seen = (
        'import matplotlib.pyplot as plt\nfrom analysis import outputs\n[hasattr(outputs, "unfug"), plt.get_fignums()]'
    )
    assert execute(warm_folder, seen, warm_from=warm_folder) == [False, []]


def test_random_numbers_that_nobody_seeded_are_others_in_each_kernel(warm_folder):
    draw = "import random, uuid, numpy\n[random.random(), float(numpy.random.random()), uuid.uuid4().hex]"
    drawn = zip(*(execute(warm_folder, draw, warm_from=warm_folder) for _ in range(3)), strict=True)
    assert [len(set(numbers)) for numbers in drawn] == [3, 3, 3]


def test_libraries_with_threads_of_their_own_work_after_the_fork(warm_folder):
    cluster = (
        "import numpy\nfrom sklearn.cluster import KMeans\npoints = numpy.random.default_rng(1).random((500, 3))\n"
        "import duckdb\n"
        "[int(KMeans(3, n_init=2, random_state=1).fit(points).n_iter_ > 0), duckdb.sql('select 42').fetchall()[0][0]]"
    )
    assert execute(warm_folder, cluster, warm_from=warm_folder) == [1, 42]


def test_a_kernel_tells_how_it_ended_and_takes_what_it_started_with_it(folder):
    child = "import subprocess\nchild = subprocess.Popen(['sleep', '600'])\nchild.pid"
    assert gone(execute(folder, child, warm_from=folder))
    kernel = forked(folder)
    assert kernel.poll() is None and f"{kernel.pid}" in os.listdir("/proc")
    kernel.send_signal(signal.SIGTERM)
    assert kernel.wait() == -signal.SIGTERM and gone(kernel.pid)
    kernel.send_signal(signal.SIGKILL)  # nobody is hit who has this number now
    assert forked(folder, "-m", "--no-such-option=1").pid != kernel.pid


@pytest.mark.parametrize("here", [True, False])
def test_a_kernel_that_is_done_is_killed_without_an_interrupt_that_it_would_complain_of(warm_folder, monkeypatch, here):
    sent, send = [], kernels.WarmProvisioner.send_signal

    async def noted(self, number: int) -> None:
        sent.append(number)
        await send(self, number)

    monkeypatch.setattr(kernels.WarmProvisioner, "send_signal", noted)
    assert execute(warm_folder, "42", warm_from=warm_folder if here else None) == 42
    assert signal.SIGINT not in sent and signal.SIGKILL in sent


def forked(folder: Path, *further: str) -> warm.ForkedKernel:
    connection = folder / f"verbindung{time.monotonic_ns()}.json"
    return warm.ForkedKernel(
        str(folder / warm.SOCKET), ["-f", str(connection), *further], dict(os.environ), str(folder)
    )


def test_a_kernel_ends_when_its_client_is_killed(folder):
    client = (
        "import os, sys, time\nfrom analysis.batch.warm import ForkedKernel\n"
        f"kernel = ForkedKernel({str(folder / warm.SOCKET)!r}, ['-f', {str(folder / 'c.json')!r}], "
        f"dict(os.environ), {str(folder)!r})\nprint(kernel.pid, flush=True)\ntime.sleep(600)"
    )
    process = subprocess.Popen([sys.executable, "-c", client], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    kernel = int(process.stdout.readline())
    assert Path(f"/proc/{kernel}").exists()
    process.kill()
    process.wait()
    assert gone(kernel)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_kernels_end_with_the_warm_process_and_later_ones_are_ordinary(folder, how):
    kernel = forked(folder)
    zygote = int(Path(f"/proc/{kernel.pid}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(zygote, how)
    assert gone(kernel.pid) and kernel.wait() == -signal.SIGKILL
    assert "analysis.batch.zygote" not in execute(folder, PARENT, warm_from=folder)


def test_a_warm_process_that_is_ended_takes_what_its_kernels_started_with_it(folder):
    noted = folder / "kind"
    line = f"import os, subprocess; open({str(noted)!r}, 'w').write(str(subprocess.Popen(['sleep', '600']).pid))"
    kernel = forked(folder, f"--IPKernelApp.exec_lines={line}")
    while not (noted.exists() and noted.read_text()):
        assert kernel.poll() is None
        time.sleep(0.05)
    zygote = int(Path(f"/proc/{kernel.pid}/stat").read_text().rpartition(")")[2].split()[1])
    os.kill(zygote, signal.SIGTERM)
    assert gone(zygote) and gone(kernel.pid) and gone(int(noted.read_text()))


def test_a_warm_process_that_nobody_needs_any_more_ends_while_it_imports(tmp_path, monkeypatch):
    (tmp_path / "langsam.py").write_text("import time\ntime.sleep(600)")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(tmp_path)]))
    monkeypatch.setattr(subprocess.Popen, "kill", lambda _: pytest.fail("it did not end by itself"))
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import langsam")])
    nbformat.write(nb, tmp_path / "bericht.ipynb")
    before = set(children(os.getpid()))
    with warm.zygote(tmp_path, [tmp_path / "bericht.ipynb"]):
        started = set(children(os.getpid())) - before
    assert all(map(gone, started))


def test_a_client_waits_for_messages_and_not_for_fixed_times():
    assert isinstance(kernels.WarmKernelManager().client(), kernels.PromptClient)


def test_nothing_stays_when_the_run_is_killed(tmp_path):
    starter = (
        "import os, sys, time\nfrom pathlib import Path\nfrom analysis.batch import warm\n"
        f"folder = Path({str(tmp_path)!r})\nwith warm.zygote(folder, []):\n"
        "    kernel = warm.ForkedKernel(str(folder / warm.SOCKET), ['-f', str(folder / 'c.json')], "
        "{**os.environ, **warm.KERNEL_ENVIRONMENT}, str(folder))\n"
        "    print(kernel.pid, flush=True)\n    time.sleep(600)"
    )
    process = subprocess.Popen([sys.executable, "-c", starter], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    kernel = int(process.stdout.readline())
    started = [process.pid, kernel, *children(process.pid)]
    process.kill()
    process.wait()
    assert len(started) == 3 and [pid for pid in started if not gone(pid)] == []


def test_a_kernel_that_would_start_its_interpreter_differently_is_not_forked(folder, monkeypatch):
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    assert "analysis.batch.zygote" not in execute(folder, PARENT, warm_from=folder)


def test_a_warm_process_with_threads_refuses_to_fork(tmp_path, monkeypatch):
    package = tmp_path / "gefaedelt"
    package.mkdir()
    (package / "__init__.py").write_text(
        "import threading, time\nthreading.Thread(target=time.sleep, args=(60,), daemon=True).start()"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(ROOT), str(tmp_path)]))
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import gefaedelt")])
    nbformat.write(nb, tmp_path / "bericht.ipynb")
    with warm.zygote(tmp_path, [tmp_path / "bericht.ipynb"]):
        with pytest.raises(ConnectionError):
            forked(tmp_path)
        assert "analysis.batch.zygote" not in execute(tmp_path, PARENT, warm_from=tmp_path)


def test_without_fork_the_same_jobs_give_the_same_bytes(tmp_path, monkeypatch):
    (tmp_path / "s").mkdir()
    target = Target(tmp_path / "output", tmp_path / "figures", tmp_path / "s")
    show = 'from analysis import outputs\noutputs.saetze([f"Kreis {kreis}"])'
    notebook = read_notebook(write_notebook(tmp_path / "notebooks" / "01_test.ipynb", show))
    jobs = [Job(notebook, ags, {"kreis": ags}) for ags in ("16070", "16077")]
    first = {r.ags: (r.ergebnis, r.dateien) for r in run(jobs, target, 2, 60)}
    assert {ergebnis for ergebnis, _ in first.values()} == {ERSTELLT}
    assert not (tmp_path / "s" / warm.SOCKET).exists()
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(sys, "platform", "darwin")
        with warm.zygote(tmp_path / "s", [notebook.path]):
            assert not (tmp_path / "s" / warm.SOCKET).exists()
    monkeypatch.setattr("analysis.batch.run.zygote", lambda *_: contextlib.nullcontext())
    assert {r.ags: (r.ergebnis, r.dateien) for r in run(jobs, target, 2, 60)} == first


def test_what_reports_import_is_read_from_notebooks_and_package(tmp_path):
    notebooks = sorted((ROOT / "notebooks").glob("0[1-9]_*.ipynb"))
    found = preload.modules(notebooks)
    assert {"analysis.steckbrief", "analysis.store", "duckdb", "matplotlib.figure", "pandas"} <= set(found)
    assert not [name for name in found if name.partition(".")[0] in preload.NEVER]
    assert not [name for name in found if name.startswith("analysis.batch")]
    script = "import json, sys\nfrom analysis.batch import preload\npreload.load(json.loads(sys.argv[1]))\nimport os\n"
    script += "print(len(os.listdir('/proc/self/task')), *{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", script, json.dumps(found)], cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, **warm.KERNEL_ENVIRONMENT},
    )  # fmt: skip
    threads, *packages = done.stdout.split()
    assert threads == "1" and not set(packages) & set(preload.NEVER)
