#!/usr/bin/env python3
"""Prints, sorted, what tests/win/dump_key.c should print of a .reg file's WinSock2 key: keys with their values.

usage: dump_expected.py FILE.reg
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True  # the source tree stays as it is
import regparse  # noqa: E402  (its folder is added above)


def escape(text):
    data = text.encode("utf-16-le")
    units = [int.from_bytes(data[i : i + 2], "little") for i in range(0, len(data), 2)]
    return "".join(chr(unit) if 0x20 <= unit < 0x7F else f"\\u{unit:04x}" for unit in units)


def main(path):
    lines = set()
    for key, values in regparse.parse(path).items():
        names = key.split("\\")
        names[: [name.lower() for name in names].index("winsock2") + 1] = [""]
        for depth in range(1, len(names) + 1):
            lines.add(escape("\\".join(names[:depth])))
        for name, kind, data in values:
            lines.add("\t".join((escape("\\".join(names)), escape(name or ""), f"{kind:x}", data.hex())))
    # The order of C's strcmp, which is that of `LC_ALL=C sort`.
    print("\n".join(sorted(lines)))


main(sys.argv[1])
