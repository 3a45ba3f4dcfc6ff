#!/usr/bin/python3 -B
"""doctor says what an attempt showed; variables and sandboxes change what it shows, and it says so."""
import ctypes
import errno
import os
import pathlib
import platform
import re
import shutil
import struct
import subprocess

from program import PROGRAM, SOURCE, ProgramTest, as_nobody, main

TOPOLOGY = SOURCE / "tests" / "data" / "topologies" / "two-sockets.xml"
CALLS = {"x86_64": {"perf_event_open": 298, "sched_setaffinity": 203},
         "aarch64": {"perf_event_open": 241, "sched_setaffinity": 122}}.get(platform.machine())
VARIABLES = {"HWLOC_XMLFILE": str(TOPOLOGY), "HWLOC_SYNTHETIC": "pack:2 core:64 pu:2", "HWLOC_FSROOT": "/nonexistent",
             "HWLOC_COMPONENTS": "no_os,stop", "HWLOC_THISSYSTEM": "0"}


def refuse(name, error):
    """For before exec: seccomp answers this system call with an error (seccomp(2))."""
    def install():
        libc = ctypes.CDLL(None, use_errno=True)
        program = b"".join(struct.pack("HBBI", *step) for step in (
            (0x20, 0, 0, 0), (0x15, 0, 1, CALLS[name]), (0x06, 0, 0, 0x00050000 | error), (0x06, 0, 0, 0x7fff0000)))
        code = ctypes.create_string_buffer(program, len(program))

        class Program(ctypes.Structure):
            _fields_ = [("length", ctypes.c_ushort), ("filter", ctypes.c_void_p)]
        filter_ = Program(len(program) // 8, ctypes.cast(code, ctypes.c_void_p))
        if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(filter_)):
            raise OSError(ctypes.get_errno(), "no seccomp filter")
    return install


class Doctor(ProgramTest):
    def doctor(self, **options):
        self.environment["COLUMNS"] = "200"
        return self.run_well("doctor", "--seconds", "0.2", **options).stdout

    def filtered(self, name, error):
        if not CALLS:
            self.skipTest(f"no numbers of system calls for {platform.machine()}")
        try:
            return self.doctor(prepare=refuse(name, error))
        except subprocess.SubprocessError:
            self.skipTest("no seccomp filter can be installed here")

    def assert_consistent(self, out):
        """No check praises what a counter's reason blames."""
        blamed = "perf_event_paranoid forbids it" in out
        praised = re.search(r"^✓ perf_event_paranoid", out, re.M)
        self.assertFalse(blamed and praised, out)
        if blamed:
            self.assertRegex(out, r"(?m)^[!·] perf_event_paranoid: [^→]*\n  → .*sysctl kernel.perf_event_paranoid=1")
        if re.search(r"^✓ perf_event_(paranoid|open).*it works", out, re.M):
            self.assertNotIn("perf_event_open is refused", out)

    def test_a_papi_that_cannot_be_loaded_is_none(self):
        with_it = self.doctor()
        name = re.search(rb"libpapi\.so[.0-9]*", PROGRAM.read_bytes())[0].decode()
        (self.folder / name).write_text("no library", encoding="utf-8")
        self.environment["LD_LIBRARY_PATH"] = str(self.folder)
        without = self.doctor()
        self.assertRegex(with_it, r"(?m)^counters +PAPI \d")
        self.assertRegex(without, r"(?m)^counters +PAPI –")

    def test_here(self):
        out = self.doctor()
        self.assert_consistent(out)
        self.assertNotRegex(out, r"\d[eE][+-]\d")

    def test_root_of_a_user_namespace(self):
        """Has every capability, and none that counts."""
        command = as_nobody(["unshare", "-Ur", PROGRAM, "doctor", "--seconds", "0.2"])
        trial = as_nobody(["unshare", "-Ur", "true"])
        if not command or not shutil.which("unshare") or subprocess.run(trial, capture_output=True).returncode:
            self.skipTest("no user namespace can be made here without root's rights")
        self.environment["HOME"] = "/"
        self.assert_consistent(self.doctor(command=command, cwd="/"))

    def test_filter_of_perf_event_open(self):
        try:
            paranoid = int(pathlib.Path("/proc/sys/kernel/perf_event_paranoid").read_text(encoding="ascii"))
        except OSError:
            paranoid = 0
        for error in (errno.EACCES, errno.EPERM):
            out = self.filtered("perf_event_open", error)
            self.assert_consistent(out)
            out = re.sub(r"\s+", " ", out)
            if paranoid <= 2:
                self.assertIn(f"! perf_event_open: perf_event_open is refused ({errno.errorcode[error]}), most likely "
                              "by a seccomp filter", out)
                self.assertNotIn("perf_event_paranoid forbids", out)

    def test_filter_of_binding(self):
        out = self.filtered("sched_setaffinity", errno.EPERM)
        self.assertRegex(out, r"(?m)^! pinning: thread 0 cannot be bound to CPU \d+: Operation not permitted")
        self.assertNotIn("✓ pinning", out)

    def test_variables_of_hwloc(self):
        plain = self.doctor()
        self.assertNotIn("hwloc variables", plain)
        topology = re.search(r"(?m)^topology .*$", plain).group()
        for name, value in VARIABLES.items():
            self.environment[name] = value
            out = self.doctor()
            self.assertIn(topology, out)
            self.assertRegex(out, rf"! hwloc variables: [^→]*\s{name}\n")
            del self.environment[name]

    def test_a_list_is_obeyed_whatever_the_variables(self):
        """Never a run that is not pinned, and the commands see the variables that were set."""
        cpu = str(min(os.sched_getaffinity(0)))
        bound = f"grep -q '^Cpus_allowed_list:.{cpu}$' /proc/self/status"
        for name, value in VARIABLES.items():
            self.environment[name] = value
            out = self.run_well("duel", "--budget", "0.05", "--rounds", "2", "--no-counters", "--cpus", cpu,
                                f"{bound} && test \"${name}\" = '{value}'", bound).stdout
            self.assertIn(f"(--cpus {cpu})", out)
            del self.environment[name]


if __name__ == "__main__":
    main()
