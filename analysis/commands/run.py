"""The command run; what it needs to answer that nothing has changed is all that it imports."""

import contextlib
import os
import sys

from analysis import workspace
from analysis.batch import unveraendert
from analysis.batch.laufordner import only_run, scratch, sweep, sweep_parts
from analysis.batch.notebooks import paths
from analysis.batch.warm import KERNEL_ENVIRONMENT, zygote
from analysis.errors import InputError
from analysis.files import check_writable


def run(arguments) -> int:
    """Make the reports that are not fresh, and the index page."""
    output = (arguments.output or workspace.output()).absolute()
    beside = output if arguments.output else output.parent
    folders = output, beside / "figures", beside / "logs"
    if arguments.shared and not (arguments.dask and arguments.output):
        raise InputError("--shared needs --dask and --output: a folder at the same path on all machines")
    check_writable(output, "reports")
    try:
        with only_run(output):
            sweep(*folders)
            touched = unveraendert.seen(arguments, output)
            known = None if arguments.force else unveraendert.remembered(output, touched)
            if known is None:
                try:
                    return _make(arguments, touched)
                finally:
                    sweep_parts(*folders)  # of a worker that was killed while it wrote
            lines, status = known
            for line in lines:
                print(line, file=sys.stderr)
            print(output / "index.html")
            return status
    except BrokenPipeError:
        raise
    except OSError as error:  # a full disk, a folder that was taken away: the next run finds out what is there
        raise InputError(f"{output}: cannot be written ({error.strerror}); run again when it can") from None


def _make(arguments, touched: dict[str, str]) -> int:
    """Plan and make reports; a process for their kernels imports what they need while this one plans."""
    from tqdm import tqdm

    # so that this process keeps to one thread and can be copied (`analysis.batch.run`)
    os.environ.update(KERNEL_ENVIRONMENT)
    tqdm.monitor_interval = 0
    notebooks = paths(workspace.notebooks(), arguments.notebook)
    with scratch() as folder, contextlib.nullcontext() if arguments.dask else zygote(folder, notebooks):
        from analysis.commands import runs

        return runs.make(arguments, touched, folder)
