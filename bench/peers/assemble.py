"""
A folder that `countersign run` takes, of a kernel of the catalogue and a rival: what the kernel's folder holds, by links, the
rival's file, and a kernel.c which adds the rival's variant to the kernel's list, and its state to the kernel's, as the module is loaded. So both have the same
inputs, outputs and check, and are compiled by one recipe, and no text of the kernel is looked at.
"""
import json
import os
import re
import shutil
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]

# The struct is renamed with the object, so that both are one type.
KERNEL = """\
/* The descriptor of {kernel}, and a rival behind its variants. */
#define cs_kernel own_kernel
#include "own-{source}"
#undef cs_kernel

#include "peer.h"

extern const struct cs_variant peer_{peer};
size_t peer_state_offset;
extern __attribute__((visibility("default"))) struct own_kernel cs_kernel;
struct own_kernel cs_kernel;

__attribute__((constructor)) static void add_peer(void) {{
    size_t count = 0;
    cs_kernel = own_kernel;
    while (count < CS_MAX_VARIANTS - 1 && cs_kernel.variants[count].name)
        count++;
    cs_kernel.variants[count] = peer_{peer};
    peer_state_offset = (own_kernel.state_size + CS_LINE - 1) / CS_LINE * CS_LINE;
    cs_kernel.state_size = peer_state_offset + PEER_STATE;
}}
"""


def kernel_folder(name):
    """Where a kernel of the catalogue lies."""
    found, = (ROOT / "kernels").glob(f"*/{name}")
    return found


def needs(text):
    """What a kernel.cmake names, as {variable: words}."""
    return {name: words.split() for name, words in re.findall(r"^set\((\w+) ([^)#]*)\)", text, re.M)}


def kernel_cmake(own, match):
    """What the kernel and the rival need together; '' for nothing."""
    named = needs(own)
    for name, words in (("KERNEL_PACKAGES", match.packages), ("KERNEL_LIBRARIES", match.libraries)):
        if words:
            named[name] = named.get(name, []) + list(words)
    return "".join(f"set({name} {' '.join(words)})\n" for name, words in sorted(named.items()))


def case_yaml(match):
    """The comparison, with the rival as the baseline; JSON is YAML."""
    return json.dumps({"title": f"{match.ours} against {match.rival}", "kernel": match.kernel, "baseline": match.baseline,
                       "candidates": [match.ours], "sweep": match.points}, indent=1) + "\n"


def link(place, target):
    place.symlink_to(os.path.relpath(target, place.parent))


def assemble(match, folder):
    """
    Makes `folder`/MATCH anew and returns it. Headers that the kernel's group shares are linked to `folder`, where its sources
    look for them.
    """
    own, place = kernel_folder(match.kernel), folder / match.name
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for header in own.parent.glob("*.h"):
        if not (folder / header.name).exists():
            link(folder / header.name, header)
    cmake = ""
    for path in sorted(own.iterdir()):
        if path.name == "kernel.cmake":
            cmake = path.read_text(encoding="utf-8")
        elif path.name == "kernel.c" and match.file:
            link(place / f"own-{path.name}.h", path)
        elif path.name != "machine-code":
            link(place / path.name, path)
    if match.file:
        for header in HERE.glob("*.h"):
            link(place / header.name, header)
        link(place / f"peer_{match.file.name}", HERE / match.kernel / match.file.name)
        text = KERNEL.format(kernel=match.kernel, source="kernel.c.h", peer=match.baseline)
        (place / "kernel.c").write_text(text, encoding="utf-8")
    cmake = kernel_cmake(cmake, match)
    if cmake:
        (place / "kernel.cmake").write_text(cmake, encoding="utf-8")
    (place / "case.yaml").write_text(case_yaml(match), encoding="utf-8")
    return place
