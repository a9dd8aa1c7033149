"""Kernels of the batch: forked from a warm process where there is one, ready by message, ended at once."""

import asyncio
import contextlib
import os
import sys
import time
from pathlib import Path
from queue import Empty

from jupyter_client import AsyncKernelClient, AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner
from papermill.engines import NBClientEngine, NotebookExecutionManager, papermill_engines
from traitlets import Int, Type, Unicode
from traitlets.config import Config

from analysis.batch import limits
from analysis.batch.warm import SOCKET, ForkedKernel

ENGINE = "kreisblick"
SAVE_SECONDS = 5
LONGEST_SOCKET = 101
"""Bytes of the name of a socket without its number; systems take 104 to 108. Beyond it kernels speak over loopback."""


class WarmProvisioner(LocalProvisioner):
    """Starts a kernel by asking the warm process, and as jupyter_client itself does where there is none."""

    address = Unicode(help="socket of the warm process").tag(config=True)
    memory_bytes = Int(help="memory of a kernel, 0: without limit").tag(config=True)
    file_bytes = Int(help="longest file that a kernel writes, 0: without limit").tag(config=True)

    async def launch_kernel(self, cmd: list[str], **kwargs):
        """Launch a kernel; it gets the command's arguments, environment and working folder, and its limits."""
        info = await self._launch(cmd, **kwargs)
        with contextlib.suppress(ProcessLookupError):  # it has ended already, and that is noticed
            limits.restrict(self.pid, self.memory_bytes, self.file_bytes)
        return info

    async def _launch(self, cmd: list[str], **kwargs):
        cwd = Path(kwargs.get("cwd") or ".").absolute()
        if self.address and cmd[:3] == [sys.executable, "-m", "ipykernel_launcher"]:
            with contextlib.suppress(OSError):
                self.process = ForkedKernel(self.address, cmd[3:], kwargs["env"], str(cwd))
                self.pid, self.cwd = self.process.pid, cwd
                return self.connection_info
        return await super().launch_kernel(cmd, **kwargs)

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel's process group."""
        if isinstance(self.process, ForkedKernel):
            self.process.send_signal(signum)
        else:
            await super().send_signal(signum)

    async def wait(self) -> int | None:
        """Exit status, as soon as there is one."""
        while self.process and self.process.poll() is None:
            await asyncio.sleep(0.005)
        return await super().wait()


class PromptClient(AsyncKernelClient):
    """A client that is ready when the kernel says so, without pauses of a fixed length."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait for the welcome on the channel of outputs, then for an answer, then for the end of its outputs.

        Raises
        ------
        RuntimeError
            The kernel died, or `timeout` seconds have passed.
        """
        deadline = time.monotonic() + (timeout or float("inf"))
        await self._next(self.iopub_channel, deadline, ask_again=True)
        asked = self.kernel_info()
        while (reply := await self._next(self.shell_channel, deadline))["parent_header"].get("msg_id") != asked:
            pass
        self._handle_kernel_info_reply(reply)
        while True:
            message = await self._next(self.iopub_channel, deadline)
            if message["parent_header"].get("msg_id") == asked and message["content"].get("execution_state") == "idle":
                return

    async def _next(self, channel, deadline: float, ask_again: bool = False) -> dict:
        while True:
            with contextlib.suppress(Empty):
                return await channel.get_msg(timeout=0.5)
            if not await self._async_is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
            if time.monotonic() > deadline:
                raise RuntimeError("Kernel didn't respond in time")
            if ask_again:  # a kernel that sends no welcome says something about this
                self.kernel_info()


class WarmKernelManager(AsyncKernelManager):
    """Manager whose kernels come from `WarmProvisioner` and whose clients are prompt."""

    client_factory = Type(PromptClient, AsyncKernelClient)
    ended_at_once = False

    async def shutdown_kernel(self, now: bool = False, restart: bool = False) -> None:
        """Shut the kernel down; one that is killed at once is not interrupted first, as it might complain of that."""
        self.ended_at_once = now
        await super().shutdown_kernel(now=now, restart=restart)

    async def _async_wait(self, pollinterval: float = 0.005) -> None:
        await super()._async_wait(pollinterval)

    async def _async_interrupt_kernel(self) -> None:
        if not self.ended_at_once:
            await super()._async_interrupt_kernel()

    async def _async_pre_start_kernel(self, **kwargs):
        if self.provisioner is None:
            self.provisioner = WarmProvisioner(kernel_spec=self.kernel_spec, parent=self)
        return await super()._async_pre_start_kernel(**kwargs)


class SparingExecution(NotebookExecutionManager):
    """Execution that saves its notebook at most every few seconds; papermill saves it at the end."""

    failed = False

    def save(self, **kwargs) -> None:
        """Save if the last time is long enough ago, or if nobody else will."""
        if self.failed or (self.now() - self.last_save_time).total_seconds() >= SAVE_SECONDS:
            super().save(**kwargs)


class BatchEngine(NBClientEngine):
    """papermill's own engine with an execution that saves sparingly and a client that stops what shows too much."""

    @classmethod
    def execute_notebook(cls, nb, kernel_name, output_path=None, progress_bar=False, log_output=False, **kwargs):
        """Execute a notebook; see `papermill.engines.Engine`."""
        execution = SparingExecution(nb, output_path, log_output, progress_bar, kwargs.pop("autosave_cell_every", 0))
        execution.notebook_start()
        try:
            limits.run_bounded(execution, kernel_name, log_output=log_output, **kwargs)
        except BaseException:
            execution.failed = True
            raise
        finally:
            execution.cleanup_pbar()
            execution.notebook_complete()
        return execution.nb


papermill_engines.register(ENGINE, BatchEngine)


def config(sockets: Path, warm: Path, memory_bytes: int = 0, file_bytes: int = 0) -> Config:
    """Settings of a kernel: it speaks through sockets in a folder of the job, where the system can do that.

    `memory_bytes` and `file_bytes` are limits of its process, 0 for none (`analysis.batch.limits`).
    Without a folder of its own a kernel would take the first free name in the working folder, and two kernels
    that start at the same time would take the same one.
    """
    connection = str(sockets / "k.json")
    if os.name == "nt":
        return Config(KernelManager={"connection_file": connection})  # which cannot restrict another process either
    address = str(warm / SOCKET) if (warm / SOCKET).exists() else ""
    manager = {"connection_file": connection}
    if len(os.fsencode(sockets / "k")) <= LONGEST_SOCKET:
        manager |= {"transport": "ipc", "ip": str(sockets / "k")}
    restricted = {"memory_bytes": memory_bytes, "file_bytes": file_bytes}
    return Config(KernelManager=manager, WarmProvisioner={"address": address, **restricted})
