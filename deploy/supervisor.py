"""The whole site from one command: servers, migrations, web, worker and beat, kept running until Ctrl-C.

It does not need Django's settings: those are read by the children, once the servers that they name are up.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.errors import EmbeddedError, SettingInvalid
from deploy.embedded.lock import FolderLock
from deploy.embedded.ports import require_free
from deploy.embedded.server import Place, Server, Service
from deploy.embedded.stack import Stack, make_folder
from deploy.environment_file import choose_var, write_environment
from deploy.programs import BASE_DIR, Beat, Program, Web, Worker


class PreparationFailed(EmbeddedError):
    """`manage.py prepare` ended with an error, which it has printed."""

    code = "preparation_failed"


@dataclass(frozen=True, kw_only=True)
class Options:
    """What `up` is asked for."""

    host: str = "127.0.0.1"
    port: int = 8000
    web_processes: int = 2
    workers: int = 2
    web: bool = True
    worker: bool = True
    beat: bool = True
    prepare: bool = True

    @property
    def url(self) -> str:
        """Where to click."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104
        return f"http://{f'[{host}]' if ':' in host and host[0] != '[' else host}:{self.port}"


def _say_on_stdout(line: str) -> None:
    # A terminal that was closed is no reason to leave servers behind.
    with suppress(BrokenPipeError, OSError):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


class Supervisor:
    """Starts the site, keeps it running, stops it. `say` gets a line for every event."""

    def __init__(self, options: Options, *, say: Callable[[str], None] = _say_on_stdout) -> None:
        self.options = options
        self.var = choose_var(os.environ)
        self._say = say
        self._stack = Stack(self.var, say=say)
        self._programs: list[Program] = []
        self.environment: dict[str, str] = {}

    # ---------------------------------------------------------------- start
    def start(self) -> None:
        """Bring everything up and say where it is. Raises an EmbeddedError; call stop() whatever happens."""
        self._require_free_web_port()
        self._say(f"Commonfield starts in {self.var} (data, logs and secrets are kept there).")
        given = self._stack.start()
        self.environment = self._make_environment(given)
        write_environment(self.var / "environment", given | {"BASE_URL": self.environment["BASE_URL"]})
        for server in self._stack.servers:
            self._say_ready(server)
        if self.options.prepare:
            self.manage("prepare")
        self._start_programs()
        self._say(f"Open {self.environment['BASE_URL']}/" if self.options.web else "The servers are up.")
        self._say("Ctrl-C stops everything.")

    def _require_free_web_port(self) -> None:
        """Ask before the servers start. A second `up` on the folder is told that first."""
        if not self.options.web:
            return
        make_folder(self.var)
        lock = FolderLock(self.var)
        lock.acquire()
        lock.release()
        remedy = f"Stop it, or choose another with --bind {self.options.host}:{self.options.port + 1}."
        require_free(self.options.port, host=self.options.host, server="web", remedy=remedy)

    def _make_environment(self, given: dict[str, str]) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if value}
        ours = {
            "VAR_DIR": str(self.var),
            "DJANGO_SETTINGS_MODULE": "deploy.settings",
            "PYTHONUNBUFFERED": "1",
        }
        return {"BASE_URL": self.options.url, **kept, **given, **ours}

    def manage(self, *arguments: str) -> None:
        """Run a command of manage.py in the site's environment. Raises PreparationFailed if it fails."""
        command = [sys.executable, str(BASE_DIR / "manage.py"), *arguments]
        done = subprocess.run(command, env=self.environment, cwd=BASE_DIR, check=False)
        if done.returncode != 0:
            name = arguments[0]
            raise PreparationFailed(f"`manage.py {name}` failed (code {done.returncode}); the reason stands above.")

    def _start_programs(self) -> None:
        for program in self._choose_programs():
            self._programs.append(program)
            program.start()
        for program in self._programs:
            program.wait_ready()
            self._say_ready(program)
            self._stack.keeper.keep(program)

    def _choose_programs(self) -> Iterator[Program]:
        options, environment = self.options, self.environment

        def place(kind: type[Program]) -> Place:
            return Place.under(self.var, kind.name)

        if options.web:
            yield Web(
                place=place(Web),
                environment=environment,
                host=options.host,
                port=options.port,
                processes=options.web_processes,
            )
        if options.worker:
            yield Worker(place=place(Worker), environment=environment, processes=options.workers)
        if options.beat:
            yield Beat(place=place(Beat), environment=environment)

    def _say_ready(self, service: Service) -> None:
        if isinstance(service, Server):
            where = f"127.0.0.1:{service.port}"
        else:
            where = self.environment["BASE_URL"] if service.name == "web" else ""
        self._say(f"  {service.name:<10} {where:<24} ready after {service.ready_after:.1f} s")

    # ---------------------------------------------------------------- run and stop
    @contextmanager
    def running(self) -> Iterator[Supervisor]:
        """Start, yield, stop; SIGTERM and a closed terminal end it as Ctrl-C does (KeyboardInterrupt)."""
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.default_int_handler)
        try:
            self.start()
            yield self
        finally:
            # Stopping takes seconds; a second Ctrl-C must not leave half of it behind.
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            self.stop()

    def wait(self) -> None:
        """Wait until KeyboardInterrupt."""
        threading.Event().wait()

    def stop(self) -> None:
        """Stop our programs, then the servers."""
        self._stack.release()
        running = [program.process for program in self._programs if program.process is not None]
        for process in running:
            process.ask_to_stop()
        begun = time.monotonic()
        for process in running:
            process.finish(deadline=begun + process.grace)
        if self.environment:
            (self.var / "environment").unlink(missing_ok=True)
        self._stack.stop()


# ---------------------------------------------------------------- the command line
def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the options of `up`."""
    parser.add_argument("--bind", default="127.0.0.1:8000", metavar="HOST:PORT", help="where the web listens")
    parser.add_argument("--web-processes", type=int, default=2, metavar="N", help="processes of the web server")
    parser.add_argument("--workers", type=int, default=2, metavar="N", help="uploads and checks at a time")
    parser.add_argument("--servers-only", action="store_true", help="only the servers that have no URL")
    parser.add_argument("--no-web", action="store_true", help="run the web yourself")
    parser.add_argument("--no-worker", action="store_true", help="run the worker yourself")
    parser.add_argument("--no-beat", action="store_true", help="run beat yourself")
    parser.add_argument("--no-prepare", action="store_true", help="no migrations, bucket and static files")


def read_options(arguments: argparse.Namespace) -> Options:
    """Check the options. Raises SettingInvalid."""
    host, _, port = str(arguments.bind).rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise SettingInvalid(f"--bind is {arguments.bind!r}; give HOST:PORT, for example 127.0.0.1:8000.")
    if min(arguments.workers, arguments.web_processes) < 1:
        raise SettingInvalid("--workers and --web-processes must be at least 1.")
    only = arguments.servers_only
    return Options(
        host=host.strip("[]"),
        port=int(port),
        web_processes=arguments.web_processes,
        workers=arguments.workers,
        web=not (only or arguments.no_web),
        worker=not (only or arguments.no_worker),
        beat=not (only or arguments.no_beat),
        prepare=not arguments.no_prepare,
    )


def main(arguments: Sequence[str]) -> int:
    """Run `up` until Ctrl-C; return the exit code."""
    parser = argparse.ArgumentParser(prog=f"{Path(sys.argv[0]).name} up", description=__doc__)
    add_arguments(parser)
    return supervise(parser.parse_args(arguments))


def supervise(arguments: argparse.Namespace) -> int:
    """Run the site until Ctrl-C: 0 after a stop, 1 with one line on stderr if it could not run."""
    try:
        with Supervisor(read_options(arguments)).running() as site:
            site.wait()
    except KeyboardInterrupt:
        _say_on_stdout("Stopped.")
    except EmbeddedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
