#!/usr/bin/python3 -B
"""What is installed serves those who build kernels of their own: with the program, with pkg-config, with CMake.
   test_package.py BUILD
"""
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
from program import BUILD, SHORT, ProgramTest, main  # noqa: E402

MODULE = "-shared -fPIC -O3 -march=native"
PROJECT = """cmake_minimum_required(VERSION 3.25)
project(own LANGUAGES C CXX)
set(CMAKE_CXX_STANDARD 20)
find_package(countersign REQUIRED)
file(GLOB dot ${PROJECT_SOURCE_DIR}/dot/*.c)
file(GLOB dotx ${PROJECT_SOURCE_DIR}/dotx/*.cpp)
countersign_add_kernel(dot ${dot} LIBRARIES m)
countersign_add_kernel(dotx ${dotx} OPENMP)
add_library(plain MODULE ${dot})
target_link_libraries(plain PRIVATE countersign::kernel)
"""


class Uninstall(ProgramTest):
    """Removes what was installed, and nothing else."""

    def files(self):
        return sorted(str(path.relative_to(self.prefix)) for path in self.prefix.rglob("*") if not path.is_dir())

    def uninstall(self):
        return subprocess.run(["cmake", "--build", BUILD, "--target", "uninstall"], check=False, capture_output=True,
                              encoding="utf-8")

    def test_uninstall(self):
        if not shutil.which("cmake"):
            self.skipTest("cmake is not installed")
        self.prefix = self.folder / "with space"
        theirs = self.prefix / "share" / "countersign" / "cases" / "own" / "case.yaml"
        theirs.parent.mkdir(parents=True)
        theirs.write_text("title: Own\n", encoding="utf-8")
        (self.prefix / "bin").mkdir()
        (self.prefix / "bin" / "other").write_text("", encoding="utf-8")
        before = self.files()
        subprocess.run(["cmake", "--install", BUILD, "--prefix", self.prefix], check=True, capture_output=True)
        installed = self.files()
        for part in ("bin/countersign", "lib/countersign/worker", "share/man/man1/countersign.1",
                     "share/bash-completion/completions/countersign", "share/zsh/site-functions/_countersign",
                     "share/fish/vendor_completions.d/countersign.fish"):
            self.assertIn(part, installed)
        result = self.uninstall()
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertEqual(self.files(), before)
        ours = [path for path in self.prefix.rglob("countersign") if path.is_dir()]
        self.assertEqual(ours, [self.prefix / "share" / "countersign"])
        self.assertEqual([path.name for path in ours[0].rglob("*")], ["cases", "own", "case.yaml"])
        result = self.uninstall()
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("nothing was installed", " ".join((result.stdout + result.stderr).split()))


class Package(ProgramTest):
    prefix = None

    @classmethod
    def setUpClass(cls):
        """Installed, and then moved as a whole: nothing may remember where it lay."""
        if not shutil.which("cmake"):
            raise unittest.SkipTest("cmake is not installed")
        cls.prefix = BUILD / "package-test"
        cls.first = BUILD / "package-test-first"
        for folder in (cls.prefix, cls.first):
            shutil.rmtree(folder, ignore_errors=True)
        subprocess.run(["cmake", "--install", BUILD, "--prefix", cls.first], check=True, capture_output=True)
        cls.first.rename(cls.prefix)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.prefix, ignore_errors=True)

    def setUp(self):
        super().setUp()
        for name in ("CC", "CXX", "CFLAGS", "CXXFLAGS", "LDFLAGS", "CMAKE_PREFIX_PATH"):
            self.environment.pop(name, None)
        self.environment["XDG_CACHE_HOME"] = str(self.folder / "cache")
        package, = self.prefix.rglob("countersign.pc")
        self.environment["PKG_CONFIG_PATH"] = str(package.parent)
        self.installed("new", "dot")
        self.installed("new", "dotx", "--cxx")

    def installed(self, *arguments, status=0):
        """The installed program."""
        result = self.run_program(command=[str(self.prefix / "bin" / "countersign"), *map(str, arguments)])
        self.assertEqual(result.returncode, status, result.stderr)
        self.assert_tidy()
        return result.stdout

    def measured(self, *arguments):
        table = self.installed("run", *arguments, *SHORT, "--no-counters", "--quick", "--format", "csv")
        self.assertIn("checked", table)
        return table

    def shell(self, script):
        result = subprocess.run(["sh", "-ec", script], cwd=self.folder, env=self.environment, capture_output=True,
                                encoding="utf-8", check=False)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return result.stdout

    def test_finds_what_came_with_it(self):
        for what in ("lookup-hash-vs-linear", str(self.prefix / "lib" / "countersign" / "kernels"),
                     str(self.prefix / "share" / "countersign" / "cases")):
            self.assertIn(what, self.installed("list"))
        self.assertTrue((self.prefix / "share" / "man" / "man1" / "countersign.1").exists())
        for path in self.prefix.rglob("*"):
            self.assertFalse(path.is_symlink(), path)

    def test_folder(self):
        self.measured("./dot")
        self.measured("./dotx")

    def test_pkg_config(self):
        self.shell(f"cc {MODULE} $(pkg-config --cflags countersign) -o dot.so dot/*.c -lm")
        self.shell(f"c++ -std=gnu++20 {MODULE} $(pkg-config --cflags countersign) -o dotx.so dotx/*.cpp")
        self.measured("./dot.so")
        self.measured("./dotx.so")

    def test_variables_of_pkg_config(self):
        for variable, what in (("kerneldir", "lookup.native.so"), ("includedir", "countersign.h")):
            folder = pathlib.Path(self.shell(f"pkg-config --variable={variable} countersign").strip())
            self.assertTrue((folder / what).exists(), folder)
        for variable in ("program", "linkrecipe"):
            path = self.shell(f"pkg-config --variable={variable} countersign").strip()
            self.assertTrue(os.access(path, os.X_OK), path)
        version = self.shell("pkg-config --modversion countersign").strip()
        self.assertEqual(self.installed("--version"), f"countersign {version}\n")

    def test_cmake(self):
        (self.folder / "CMakeLists.txt").write_text(PROJECT, encoding="ascii")
        self.shell(f"cmake -S . -B build -G Ninja -DCMAKE_PREFIX_PATH={self.prefix} && cmake --build build -j2")
        kernels = self.folder / "build" / "kernels"
        self.assertTrue((kernels / "dotx.native.link" / "command").exists())
        self.measured(f"{kernels}/dot.native.so")
        self.environment["COUNTERSIGN_KERNELS"] = str(kernels)
        (self.folder / "case").mkdir()
        (self.folder / "case" / "case.yaml").write_text("title: Own\nkernel: dotx\n", encoding="ascii")
        self.measured("./case")
        self.measured("./case", "--build", "portable")


if __name__ == "__main__":
    main()
