#!/usr/bin/env python3
"""Makes a SYSTEM hive of a .reg file's Winsock catalog: an empty hive by the published regf format, filled by hivex.

usage: make_hive.py FILE.reg HIVE

CurrentControlSet becomes ControlSet001, as in a hive that is not loaded; Select\\Current names the lowest control set
that the file has.
"""
import os
import re
import struct
import sys

try:
    import hivex
except ImportError:
    # Debian's python3-hivex belongs to the system's own Python, which another one may hide on the path.
    if sys.executable == "/usr/bin/python3":
        raise
    os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "tools"))
sys.dont_write_bytecode = True  # the source tree stays as it is
import regparse  # noqa: E402  (its folder is added above)

PAGE = 4096
NONE = 0xFFFFFFFF
ROOT_FLAGS = 0x2C  # KEY_HIVE_ENTRY, KEY_NO_DELETE, KEY_COMP_NAME


def cell(body):
    """An allocated cell: its size, negative, counted in whole units of eight bytes."""
    size = (4 + len(body) + 7) // 8 * 8
    return struct.pack("<i", -size) + body.ljust(size - 4, b"\0")


def empty_hive():
    """A header page and one bin with a root key, its security descriptor, and free space."""
    name = b"ROOT"
    root_at = 32
    security_at = root_at + len(cell(bytes(76) + name))
    key = b"nk" + struct.pack("<HQIIII", ROOT_FLAGS, 0, 0, 0, 0, 0)
    key += struct.pack("<IIIIII", NONE, NONE, 0, NONE, security_at, NONE)
    key += struct.pack("<IIIIIHH", 0, 0, 0, 0, 0, len(name), 0) + name
    descriptor = struct.pack("<BBHIIII", 1, 0, 0x8000, 0, 0, 0, 0)
    security = b"sk" + struct.pack("<HIIII", 0, security_at, security_at, 1, len(descriptor)) + descriptor
    cells = cell(key) + cell(security)
    free = PAGE - 32 - len(cells)
    page = b"hbin" + struct.pack("<IIIIQI", 0, PAGE, 0, 0, 0, 0) + cells + struct.pack("<i", free)
    header = b"regf" + struct.pack("<IIQIIIIIII", 1, 1, 0, 1, 5, 0, 1, root_at, PAGE, 1)
    header = header.ljust(508, b"\0")
    checksum = 0
    for number in struct.unpack("<127I", header):
        checksum ^= number
    return (header + struct.pack("<I", checksum)).ljust(PAGE, b"\0") + page.ljust(PAGE, b"\0")


def add(hive, path, values):
    node = hive.root()
    for name in path.split("\\"):
        node = hive.node_get_child(node, name) or hive.node_add_child(node, name)
    hive.node_set_values(node, [{"key": name, "t": kind, "value": data} for name, kind, data in values])


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[2], "wb") as file:
        file.write(empty_hive())
    hive = hivex.Hivex(sys.argv[2], write=True)
    sets = set()
    for path, values in regparse.parse(sys.argv[1]).items():
        match = re.search(r"(?:^|\\)(CurrentControlSet|ControlSet\d{3})(\\.*)?$", path, re.I)
        if match:
            name = "ControlSet001" if match.group(1).lower() == "currentcontrolset" else match.group(1)
            sets.add(int(name[-3:]))
            add(hive, name + (match.group(2) or ""), values)
    if not sets:
        sys.exit(f"{sys.argv[1]}: no control set")
    number = struct.pack("<I", min(sets))
    add(hive, "Select", [(name, 4, number) for name in ("Current", "Default", "LastKnownGood")])
    hive.commit(None)


if __name__ == "__main__":
    main()
