#!/usr/bin/env bash
# What the worker's program is linked with, each replicate's process loads anew: the C library alone, and what a
# sanitizer brings.
set -euo pipefail
command -v readelf >/dev/null || exit 77
needed=$(LC_ALL=C readelf -d "$1/lib/countersign/worker" | sed -n 's/.*(NEEDED).*\[\(.*\)\].*/\1/p')
grep -q '^libc\.so' <<<"$needed"
more=$(grep -vE '^(lib(c|m|dl|rt|pthread|resolv|gcc_s)\.so|ld-linux)' <<<"$needed" || true)
[ -z "$more" ] || { echo "the worker loads $more" && exit 1; }
