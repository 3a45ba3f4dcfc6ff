"""A kernel as a program of its own (drive.c), the server that it needs, and a folder where it and a rival program meet."""
import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import assemble
import common

HERE = Path(__file__).resolve().parent
HARNESS = common.ROOT / "harness"
SOURCES = ("worker/kernel_host.c", "worker/verify.c", "base/problem.c")
LIMIT_S = 120  # of one answer, and of one run of a rival


def compile_driver(kernel, defines, folder):
    """With the flags that kernels get; the path of the program."""
    own = assemble.kernel_folder(kernel)
    named = assemble.needs((own / "kernel.cmake").read_text(encoding="utf-8")) if (own / "kernel.cmake").exists() else {}
    modules = named.get("KERNEL_PACKAGES", [])
    flags = common.run(["pkg-config", "--cflags", "--libs", *modules]).split() if modules else []
    program = folder / f"drive-{kernel}"
    common.run([*shlex.split(os.environ.get("CC", "cc")), "-std=gnu17", "-O3", "-march=native", "-DNDEBUG", "-w",
                *(f"-D{name}={value}" for name, value in defines.items()), f"-I{HARNESS}", f"-I{HARNESS / 'include'}",
                "-o", program, HERE / "drive.c", *(HARNESS / source for source in SOURCES), *sorted(own.glob("*.c")), *flags,
                "-pthread", "-lm"])
    return program


def own_cpus():
    """(of client and rival, of a server): apart where there are two."""
    cpus = sorted(os.sched_getaffinity(0))
    return cpus[0], cpus[-1]


def bound(cpu, words, rights=()):
    """The command on one CPU, and ended with this process, however that ends."""
    return ["taskset", "-c", str(cpu), "setpriv", "--pdeathsig=KILL", *rights, *(str(word) for word in words)]


def service_of(program):
    """What the kernel says of its server, as {name: words}; {} where it needs none."""
    said = {}
    for line in common.run([program]).splitlines():
        name, _, word = line.partition("\t")
        said.setdefault(name, []).append(word)
    return said


def found_program(service):
    """The path of the server's program, in $PATH or in the last of the folders that Debian has it in."""
    program, = service["program"]
    folder = service["folders"][0]
    places = sorted(Path("/").glob(folder.lstrip("/"))) if folder else []
    found = shutil.which(program) or next((str(place / program) for place in reversed(places) if (place / program).exists()), None)
    if not found:
        raise common.Failed(f"{program} is not installed")
    return Path(found)


def end(process):
    """Gently first; a server waits for nobody then."""
    for signal_number in (signal.SIGINT, signal.SIGKILL):
        if process.poll() is None:
            process.send_signal(signal_number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)


def wait_until_ready(process, log, socket, text):
    deadline = time.monotonic() + 30
    while process.poll() is None and time.monotonic() < deadline:
        if socket.exists() and text in log.read_text(encoding="utf-8", errors="replace"):
            return
        time.sleep(0.02)
    last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
    raise common.Failed(f"the server is not ready: {' '.join(last) or 'it said nothing'}")


@contextlib.contextmanager
def server(service, folder, cpu):
    """Runs the kernel's server as the harness does: its settings, a private socket, nobody where it refuses root. Its socket."""
    program, place = found_program(service), folder / "server"
    place.mkdir()
    socket = place / service["socket"][0]
    if len(os.fsencode(socket)) > 107:
        raise common.Failed(f"{socket} is too long for a socket; set TMPDIR to a folder with a shorter name")
    rights = []
    if service["refuses_root"] == ["1"] and os.geteuid() == 0:
        shutil.chown(place, "nobody")
        rights = ["--reuid=nobody", "--regid=nogroup", "--clear-groups"]

    def filled(words):
        return [word.replace("{folder}", str(place)).replace("{socket}", str(socket)).replace("{port}", "0") for word in words]

    if service.get("make"):
        maker = program.resolve().parent / service["make"][0]
        common.run(bound(cpu, [maker, *filled(service["make"][1:])], rights), cwd=place)
    log = folder / "server.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(bound(cpu, [program, *filled(service["argument"])], rights), cwd=place,
                                   stdin=subprocess.DEVNULL, stdout=stream, stderr=stream)
    try:
        wait_until_ready(process, log, socket, service["ready"][0])
        yield socket
    finally:
        end(process)


class Place:
    """Where a kernel and a rival meet: the driver that holds the state, its scratch folder, the server's socket, room for more."""

    def __init__(self, process, scratch, socket, folder, cpu):
        self.process, self.scratch, self.socket, self.folder, self.cpu = process, scratch, socket, folder, cpu

    def ask(self, line):
        try:
            self.process.stdin.write(f"{line}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # what it said of that is read now
        return self.answer()

    def answer(self):
        text = self.process.stdout.readline().strip()
        if not text:
            raise common.Failed(self.process.stderr.read().strip() or "the driver ended")
        return text

    def run(self, runs):
        """(items, seconds) of so many runs of our variant, by the driver's clock, on the state as setup made it."""
        items, seconds = self.ask(f"run {runs}").split()
        return float(items), float(seconds)

    def reset(self):
        self.ask("reset")

    def file(self, pattern):
        """The kernel's own file."""
        found, = (path for path in self.scratch.glob(pattern) if not path.name.endswith(("-wal", "-shm")))
        return found

    def call(self, words, **options):
        """What a program says, which runs on the CPU of our variant."""
        return common.run(bound(self.cpu, words), timeout=LIMIT_S, **options)


@contextlib.contextmanager
def place(kernel, variant, point, defines=None):
    """The kernel set up at a point. What fails is common.Failed; nothing is left running, and no file."""
    cpu, server_cpu = own_cpus()
    base = os.environ.get("TMPDIR") or "/var/tmp"
    with tempfile.TemporaryDirectory(prefix="countersign-", dir=base) as name, contextlib.ExitStack() as stack:
        folder = Path(name)
        folder.chmod(0o711)  # a server that is nobody passes
        scratch = folder / "scratch"
        scratch.mkdir()
        program = compile_driver(kernel, defines or {}, folder)
        service = service_of(program)
        socket = stack.enter_context(server(service, folder, server_cpu)) if service else ""
        words = bound(cpu, [program, variant, int.from_bytes(os.urandom(4), "big"), scratch, socket,
                            *(f"{key}={value}" for key, value in point.items())])
        process = stack.enter_context(subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                                       stderr=subprocess.PIPE, text=True))
        found = Place(process, scratch, socket, folder, cpu)
        try:
            found.answer()
            yield found
        finally:
            process.kill() if process.poll() is None else None
