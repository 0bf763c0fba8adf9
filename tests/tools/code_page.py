#!/usr/bin/env python3
"""DLL paths of Winsock catalogs as bytes, by code that shares nothing with wsplsp.

usage: code_page.py put IN.reg OUT.reg PATH=HEX … [ACP=NUMBER] [LEFT=HEX]
           IN with other paths: each PATH (ASCII, as stored) becomes these bytes, a NUL, and LEFT to the 260th byte.
           ACP adds the key that tells the code page.
       code_page.py items FILE.reg          a line an entry: bits, provider id, catalog id, path bytes, all 260 of them
       code_page.py compare PAGE TABLE      a table of code_page_table against Python's codec
       code_page.py agree TABLE OTHER       two such tables: what both decide is the same; prints what only one decides
"""
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.dont_write_bytecode = True
import regparse  # noqa: E402  (its folder is added above)

ITEM = "PackedCatalogItem"


def put(source, target, *changes):
    paths, acp, left = {}, None, 0
    for change in changes:
        name, _, value = change.rpartition("=")
        if name == "ACP":
            acp = value
        elif name == "LEFT":
            left = int(value, 16)
        else:
            paths[name.encode()] = bytes.fromhex(value)
    keys = regparse.parse(source)
    if acp is not None:
        control_set = next(key for key in keys if key.lower().endswith("\\winsock2")).rsplit("\\", 2)[0]
        keys[control_set + "\\Control\\Nls\\CodePage"] = [("ACP", 1, (acp + "\0").encode("utf-16-le"))]
    lines = ["Windows Registry Editor Version 5.00", ""]
    for key, values in keys.items():
        lines.append(f"[{key}]")
        for name, kind, data in values:
            path = data[:260].split(b"\0", 1)[0]
            if name == ITEM and path in paths:
                data = (paths[path] + b"\0").ljust(260, bytes([left])) + data[260:]
            quoted = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' if name else "@"
            lines.append(f"{quoted}=hex({kind:x}):{','.join(f'{byte:02x}' for byte in data)}")
        lines.append("")
    with open(target, "wb") as file:
        file.write(b"\xff\xfe" + "\r\n".join(lines + [""]).encode("utf-16-le"))


def items(path):
    for key, values in regparse.parse(path).items():
        for name, _, data in values:
            if name == ITEM and "\\catalog_entries" in key.lower():
                bits = 64 if "catalog_entries64" in key.lower() else 32
                catalog_id = struct.unpack_from("<I", data, 260 + 36)[0]
                print(bits, regparse.guid(data[280:296]), catalog_id, data[:260].split(b"\0", 1)[0].hex(),
                      data[:260].hex())


def read_table(path):
    table = {"decode": {}, "encode": {}}
    with open(path, encoding="ascii") as file:
        for line in file:
            kind, one, other = line.split()
            table[kind][one] = other
    return table


def codec(data, page):
    try:
        text = data.decode(f"cp{page}")
    except UnicodeDecodeError:
        return None
    return f"{ord(text):04x}" if len(text) == 1 else None


def is_private(point):
    return 0xE000 <= int(point, 16) < 0xF900


def compare(page, path):
    """Private characters are left aside: Python has real ones there in 950 and some in 932 that nobody has."""
    table = read_table(path)["decode"]
    wrong, count = [], 0
    for first in range(1, 256):
        for data in [bytes([first])] + [bytes([first, second]) for second in range(1, 256) if first >= 0x80]:
            ours, theirs = table.get(data.hex()), codec(data, page)
            if (ours and is_private(ours)) or (theirs and is_private(theirs)):
                continue
            count += theirs is not None
            # Bytes that the standards leave undefined are controls for Windows; 936 has the euro sign at 0x80.
            undefined = len(data) == 1 and ours in (f"00{data.hex()}", "20ac")
            if ours != theirs and not (theirs is None and undefined):
                wrong.append(f"{data.hex()}: {ours}, and {theirs} by Python")
    print("\n".join(wrong) or f"equal: {count}")
    sys.exit(1 if wrong else 0)


def agree(path, other):
    one, two = read_table(path), read_table(other)
    wrong = [f"{kind} {key}: {value} and {two[kind][key]}" for kind in one for key, value in one[kind].items()
             if two[kind].get(key, value) != value]
    for number, (table, against) in enumerate(((one, two), (two, one)), 1):
        alone = [value for key, value in table["decode"].items() if key not in against["decode"]]
        private = sum(is_private(value) for value in alone)
        print(f"only in table {number}: {private} private, {len(alone) - private} others")
    print("\n".join(wrong) or "equal")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    {"put": put, "items": items, "compare": compare, "agree": agree}[sys.argv[1]](*sys.argv[2:])
