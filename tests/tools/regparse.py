#!/usr/bin/env python3
"""Reads a .reg file by its own code and prints what it holds as JSON, for the tests to compare wsplsp's output with.

usage: regparse.py keys FILE          every key with its values (type and bytes in hexadecimal)
       regparse.py catalog FILE       the Winsock catalog, with the field names of wsplsp's JSON
       regparse.py compare FILE JSON  FILE's catalog against `wsplsp list --json`; JSON "-" is standard input

Shares nothing with the C code: what the flags are called comes from MinGW's winsock2.h.
"""
import json
import re
import struct
import subprocess
import sys

TYPES = {"hex": 3, "hex(b)": 11}

# What netsh of an English Windows shows for Windows' own entries.
SHOWN = {
    "mswsock.dll,-60100": "MSAFD Tcpip [TCP/IP]",
    "mswsock.dll,-60101": "MSAFD Tcpip [UDP/IP]",
    "mswsock.dll,-60102": "MSAFD Tcpip [RAW/IP]",
    "mswsock.dll,-60200": "MSAFD Tcpip [TCP/IPv6]",
    "mswsock.dll,-60201": "MSAFD Tcpip [UDP/IPv6]",
    "mswsock.dll,-60202": "MSAFD Tcpip [RAW/IPv6]",
    "wshtcpip.dll,-60100": "MSAFD Tcpip [TCP/IP]",
    "wshtcpip.dll,-60101": "MSAFD Tcpip [UDP/IP]",
    "wshtcpip.dll,-60102": "MSAFD Tcpip [RAW/IP]",
    "wship6.dll,-60100": "MSAFD Tcpip [TCP/IPv6]",
    "wship6.dll,-60101": "MSAFD Tcpip [UDP/IPv6]",
    "wship6.dll,-60102": "MSAFD Tcpip [RAW/IPv6]",
    "wshqos.dll,-100": "RSVP TCPv6 Service Provider",
    "wshqos.dll,-101": "RSVP TCP Service Provider",
    "wshqos.dll,-102": "RSVP UDPv6 Service Provider",
    "wshqos.dll,-103": "RSVP UDP Service Provider",
}


def read_text(path):
    with open(path, "rb") as file:
        data = file.read()
    if data.startswith(b"\xff\xfe"):
        return data[2:].decode("utf-16-le"), False
    if data.startswith(b"REGEDIT4"):
        return data.decode("cp1252"), True
    return data.decode("utf-8-sig"), False


def split_name(line):
    """A value line's name (None for the default value) and what stands behind the equals sign."""
    if line.startswith("@"):
        return "", line.split("=", 1)[1].strip()
    match = re.match(r'"((?:[^"\\]|\\.)*)"\s*=\s*(.*)$', line, re.S)
    if not match:
        raise ValueError(f"no value: {line!r}")
    return re.sub(r"\\(.)", r"\1", match.group(1)), match.group(2)


def parse_data(text, ansi):
    if text.startswith('"'):
        string = re.match(r'"((?:[^"\\]|\\.)*)"', text, re.S).group(1)
        return 1, (re.sub(r"\\(.)", r"\1", string) + "\0").encode("utf-16-le")
    if text.startswith("dword:"):
        return 4, struct.pack("<I", int(text[6:].strip(), 16))
    match = re.match(r"hex(?:\(([0-9a-fA-F]+)\))?:(.*)$", text, re.S)
    if not match:
        raise ValueError(f"no data: {text!r}")
    kind = int(match.group(1), 16) if match.group(1) else 3
    data = bytes(int(byte, 16) for byte in match.group(2).split(",") if byte.strip())
    if ansi and kind in (1, 2, 7):
        data = data.decode("cp1252").encode("utf-16-le")
    return kind, data


def parse(path):
    """{key path: [(name, type, bytes)]} in the file's order."""
    text, ansi = read_text(path)
    text = re.sub(r",[ \t]*\\[ \t]*\r?\n[ \t]*", ",", text)
    keys, current = {}, None
    for line in text.splitlines()[1:]:
        line = line.strip()
        if not line or line.startswith(";"):
            continue
        if line.startswith("["):
            current = keys.setdefault(line[1 : line.rindex("]")], [])
        else:
            name, data = split_name(line)
            current.append((name, *parse_data(data, ansi)))
    return keys


def guid(data):
    one, two, three = struct.unpack("<IHH", data[:8])
    rest = data[8:16].hex().upper()
    return f"{{{one:08X}-{two:04X}-{three:04X}-{rest[:4]}-{rest[4:]}}}"


def string(data):
    text = data.decode("utf-16-le", "replace")
    return text.split("\0", 1)[0]


def shown(raw):
    match = re.match(r"@(?:%SystemRoot%|%windir%|C:\\Windows)\\System32\\(.*)$", raw, re.I)
    return SHOWN.get(match.group(1).lower(), raw) if match else raw


def header_flags():
    source = "#include <winsock2.h>\n#include <ws2spi.h>\n"
    macros = subprocess.run(["x86_64-w64-mingw32-gcc", "-E", "-dM", "-"], input=source, capture_output=True, text=True,
                            check=True).stdout
    flags = {"XP1_": {}, "PFL_": {}}
    for match in re.finditer(r"^#define ((XP1_|PFL_)\w+) (0x[0-9a-fA-F]+)", macros, re.M):
        flags[match.group(2)][int(match.group(3), 16)] = match.group(1)
    return flags


def flag_names(value, table):
    return [name for bit, name in sorted(table.items()) if value & bit]


def entry(bits, position, item, flags):
    path, info = item[:260], item[260:888]
    service = struct.unpack_from("<I", info, 0)[0]
    provider = struct.unpack_from("<I", info, 16)[0]
    catalog_id, length = struct.unpack_from("<Ii", info, 36)
    chain = struct.unpack_from("<7I", info, 44)
    (version, family, max_address, min_address, socket_type, protocol, max_offset, byte_order, security,
     message) = struct.unpack_from("<9iI", info, 72)
    raw = string(info[116:628])
    return {
        "catalog": bits, "position": position, "catalog_id": catalog_id, "provider_id": guid(info[20:36]),
        "kind": "layer" if length == 0 else "base" if length == 1 else "chain",
        "name": shown(raw), "name_raw": raw, "dll": path.split(b"\0", 1)[0].decode("cp1252"),
        "chain": list(chain[:length]) if length > 1 else [],
        "version": version, "family": family, "socket_type": socket_type, "protocol": protocol,
        "protocol_max_offset": max_offset, "max_message_size": message, "byte_order": byte_order,
        "security_scheme": security, "min_address_length": min_address, "max_address_length": max_address,
        "service_flags": {"value": service, "names": flag_names(service, flags["XP1_"])},
        "provider_flags": {"value": provider, "names": flag_names(provider, flags["PFL_"])},
    }


def numbered(keys, parent):
    """The numbered subkeys' values, in ascending order of the numbers."""
    found = []
    for path, values in keys.items():
        head, _, name = path.rpartition("\\")
        if head.lower() == parent.lower() and name.isdigit():
            found.append((int(name), {value[0]: value[2] for value in values}))
    return [values for _, values in sorted(found, key=lambda one: one[0])]


def number(values, name):
    return struct.unpack("<I", values[name])[0]


def catalog(path):
    keys = parse(path)
    parameters = next(key for key in keys if key.lower().endswith("\\winsock2\\parameters"))
    flags = header_flags()
    result = {"entries": [], "undecoded": [], "name_spaces": [], "applications": []}
    for bits, folder in ((64, "Catalog_Entries64"), (32, "Catalog_Entries")):
        items = numbered(keys, f"{parameters}\\Protocol_Catalog9\\{folder}")
        for position, values in enumerate(items, 1):
            item = values.get("PackedCatalogItem", b"")
            if len(item) < 888:
                result["undecoded"].append({"catalog": bits, "position": position, "size": len(item)})
            else:
                result["entries"].append(entry(bits, position, item, flags))
        spaces = numbered(keys, f"{parameters}\\NameSpace_Catalog5\\{folder}")
        for position, values in enumerate(spaces, 1):
            result["name_spaces"].append({
                "catalog": bits, "position": position, "provider_id": guid(values["ProviderId"]),
                "name_raw": string(values["DisplayString"]), "dll": string(values["LibraryPath"]),
                "name_space": number(values, "SupportedNameSpace"), "enabled": number(values, "Enabled") != 0,
                "version": number(values, "Version")})
    prefix = f"{parameters}\\AppId_Catalog\\".lower()
    for key, values in keys.items():
        if key.lower().startswith(prefix):
            named = {value[0]: value[2] for value in values}
            result["applications"].append({
                "path": string(named["AppFullPath"]),
                "arguments": string(named["AppArgs"]) if "AppArgs" in named else None,
                "categories": number(named, "PermittedLspCategories")})
    return result


def compare(expected, actual):
    """The differences as text; only the fields that the .reg file tells are compared."""
    wanted, got = expected["entries"], actual["entries"]
    problems = []
    if len(wanted) != len(got):
        problems.append(f"{len(wanted)} entries expected, {len(got)} shown")
    for one, other in zip(wanted, got):
        for field, value in one.items():
            if field not in other or other[field] != value:
                problems.append(f"{one['catalog']}-bit entry {one['position']}, {field}: expected {value!r}, "
                                f"shown {other.get(field)!r}")
    return problems


def main():
    command, path = sys.argv[1:3]
    if command == "keys":
        print(json.dumps({key: [{"name": name, "type": kind, "data": data.hex()} for name, kind, data in values]
                          for key, values in parse(path).items()}, indent=1))
    elif command == "catalog":
        print(json.dumps(catalog(path), indent=1))
    else:
        with sys.stdin if sys.argv[3] == "-" else open(sys.argv[3], encoding="utf-8") as file:
            problems = compare(catalog(path), json.load(file))
        print("\n".join(problems) or "equal")
        sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
