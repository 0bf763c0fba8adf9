#!/usr/bin/env python3
"""Writes the fuzz targets' seed corpus: small inputs of each form, the same in every run.

usage: seeds.py FOLDER      makes FOLDER/regfile, FOLDER/hive, FOLDER/packed, FOLDER/pe and FOLDER/trace
"""
import os
import struct
import subprocess
import sys

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PARAMETERS = r"HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Services\WinSock2\Parameters"
HEADER = "Windows Registry Editor Version 5.00\n\n"

FORMS = r"""[HKLM\A]
@="default"
"quotes \" and \\"="C:\\Windows\\\"x\""
"two
lines"="a
b"
"dword"=dword:0000001f
"binary"=hex:01,02,\
  03,04
"none"=hex(0):
"expand"=hex(2):25,00,41,00,25,00,00,00 ; comment
"multi"=hex(7):61,00,00,00,\ ; comment
; another

  62,00,00,00,00,00
"qword"=hex(b):01,00,00,00,00,00,00,80
"odd"=hex(ffffffff):61,
"gone"=-
[-HKLM\A\B]
[HKLM\A\B\C]
  "x"  =  dword:1

;end
# end"""


def packed(catalog_id, chain, name, path=b"%SystemRoot%\\system32\\mswsock.dll"):
    guid = bytes(range(16))
    length = len(chain)
    info = struct.pack("<5I16sIi7I", 0x20066, 0, 0, 0, 8, guid, catalog_id, length, *(chain + [0] * 7)[:7])
    info += struct.pack("<9iII", 2, 2, 16, 16, 1, 6, 0, 0, 0, 0, 0)
    return path.ljust(260, b"\0") + info + name.encode("utf-16-le").ljust(512, b"\0")


def value(data):
    return "hex:" + ",".join(f"{byte:02x}" for byte in data)


def catalog():
    lines = [HEADER + f"[{PARAMETERS}]", '"AutodialDLL"="C:\\\\Windows\\\\System32\\\\rasadhlp.dll"']
    lines += ['"Current_Protocol_Catalog"="Protocol_Catalog9"', '"Current_NameSpace_Catalog"="NameSpace_Catalog5"', ""]
    lines += [f"[{PARAMETERS}\\Protocol_Catalog9]", '"Num_Catalog_Entries"=dword:00000002']
    lines += ['"Next_Catalog_Entry_ID"=dword:000003eb', '"Serial_Access_Num"=dword:00000005', ""]
    for number, item in enumerate([packed(1001, [1001], "@%SystemRoot%\\System32\\mswsock.dll,-60100"),
                                   packed(1002, [1003, 1001], "chain", b"layer.dll")], 1):
        lines += [f"[{PARAMETERS}\\Protocol_Catalog9\\Catalog_Entries\\{number:012d}]",
                  f'"PackedCatalogItem"={value(item)}', ""]
    lines += [f"[{PARAMETERS}\\NameSpace_Catalog5\\Catalog_Entries\\000000000001]", '"LibraryPath"="nlansp.dll"',
              '"DisplayString"="@nlasvc.dll,-1000"', f'"ProviderId"={value(bytes(range(16)))}',
              '"SupportedNameSpace"=dword:0000000c', '"Enabled"=dword:00000001', '"Version"=dword:00000000', ""]
    lines += [f"[{PARAMETERS}\\AppId_Catalog\\2C69D9F1]", '"AppFullPath"="C:\\\\a.exe"',
              '"PermittedLspCategories"=dword:80000000', ""]
    return "\n".join(lines)


def image(wide, machine, names):
    """A DLL of one section at 0x2000, with an export directory, by Microsoft's "PE Format" page."""
    texts = b""
    name_rvas = []
    for name in names:
        name_rvas.append(0x2100 + len(texts))
        texts += name + b"\0"
    count = len(names)
    directory = struct.pack("<4I3I4I", 0, 0, 0, 0, 1, count, count, 0x2040, 0x2080, 0x20C0, 0)[:40]
    section = directory.ljust(0x40, b"\0")
    section += struct.pack(f"<{count}I", *range(0x1000, 0x1000 + count)).ljust(0x40, b"\0")
    section += struct.pack(f"<{count}I", *name_rvas).ljust(0x40, b"\0")
    section += struct.pack(f"<{count}H", *range(count)).ljust(0x40, b"\0") + texts
    directories = struct.pack("<II", 0x2000, 0x200).ljust(128, b"\0")
    fields = bytearray(112 if wide else 96)
    struct.pack_into("<H", fields, 0, 0x20B if wide else 0x10B)
    struct.pack_into("<I", fields, 60, 0x400)
    struct.pack_into("<I", fields, len(fields) - 4, 16)
    optional = bytes(fields) + directories
    coff = struct.pack("<HHIIIHH", machine, 1, 0, 0, 0, len(optional), 0x2022)
    table = b".edata\0\0" + struct.pack("<4I", 0x400, 0x2000, 0x400, 0x400).ljust(32, b"\0")
    headers = b"MZ".ljust(60, b"\0") + struct.pack("<I", 0x80)
    headers = headers.ljust(0x80, b"\0") + b"PE\0\0" + coff + optional + table
    return headers.ljust(0x400, b"\0") + section.ljust(0x400, b"\0")


def trace_record(number, function, socket, error=0, data=b"", flags=0, under_way=False):
    """struct wsplsp_trace_record of include/wsplsp/trace.h."""
    sequence = 2 * number + (1 if under_way else 2)
    address = struct.pack("<HH", 2, 0x5000) + bytes([127, 0, 0, 1]) + bytes(20)
    fields = struct.pack("<6Q2I2i2HHBB4I2I", sequence, 2000 + 100 * number, 2050 + 100 * number, socket, 8 if function == 29 else 0,
                         0x1000 if flags else 0, 64, 10, -1 if error else 0, error, function, flags, len(data), 2, 16,
                         2, 1, 6, 1, 300, 1100)
    return fields + address + struct.pack("<I", ~sequence & 0xFFFFFFFF) + data.ljust(8, b"\0")


def trace(records, capacity=8):
    """A trace with one ring, after include/wsplsp/trace.h; records have room for 8 bytes of data."""
    size = 128 + 136 * capacity
    header = b"WSPTRACE" + struct.pack("<10I", 1, 1152, 136, size, 256, 8, 77, 64, 2, 1)
    header += struct.pack("<2Q", 134000000000000000, 10000000) + struct.pack("<6Q", 1000, 5, 9000, 85, 0, 0)
    header += struct.pack("<2IQ", 1, 1, 3) + "C:\\a.exe".encode("utf-16-le").ljust(1024, b"\0")
    ring = struct.pack("<4IQ", 0x52505357, 0, capacity, 300, len(records)).ljust(128, b"\0")
    return header + ring + b"".join(records).ljust(136 * capacity, b"\0")


def write(folder, name, data):
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)


def write_hives(folder, sources):
    os.makedirs(folder, exist_ok=True)
    for name, source in sources.items():
        subprocess.run([sys.executable, os.path.join(TESTS, "make_hive.py"), source, os.path.join(folder, name)],
                       check=True)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    root = sys.argv[1]
    regfile = os.path.join(root, "regfile")
    whole = catalog()
    write(regfile, "forms-utf16", b"\xff\xfe" + (HEADER + FORMS).replace("\n", "\r\n").encode("utf-16-le"))
    write(regfile, "forms-utf8", b"\xef\xbb\xbf" + (HEADER + FORMS).encode())
    write(regfile, "forms-ansi", ("REGEDIT4\n\n" + FORMS.replace("A", "\xc4")).encode("cp1252"))
    write(regfile, "catalog-utf8", whole.encode())
    write(regfile, "catalog-utf16", b"\xff\xfe" + whole.encode("utf-16-le"))
    write(regfile, "catalog-small", whole.replace("," + ",".join(["00"] * 64), "").encode())
    packed_folder = os.path.join(root, "packed")
    write(packed_folder, "base", packed(1001, [1001], "MSAFD Tcpip [TCP/IP]"))
    write(packed_folder, "chain", packed(1002, [1003, 1001], "\U0001F600 chain"))
    write(packed_folder, "leftover", packed(1, [], "x", b"\x80\x81\xff.dll\0leftover"))
    write(packed_folder, "no-end", packed(1, [], "x", b"a" * 260))
    write(packed_folder, "short", packed(1, [], "x")[:887])
    pe_folder = os.path.join(root, "pe")
    write(pe_folder, "x64", image(True, 0x8664, [b"Alpha", b"WSPStartup", b"WSPStartupEx"]))
    write(pe_folder, "x86", image(False, 0x014C, [b"NSPStartup"]))
    write(pe_folder, "cut", image(True, 0x8664, [b"WSPStartup"])[:0x410])
    trace_folder = os.path.join(root, "trace")
    calls = [trace_record(0, 29, 0), trace_record(1, 8, 8, 10061), trace_record(2, 24, 8, 0, b"data"),
             trace_record(3, 20, 8, 997, b"", 5), trace_record(4, 20, 8, 0, b"", 9), trace_record(5, 7, 8),
             trace_record(6, 1, 12, under_way=True)]
    write(trace_folder, "calls", trace(calls))
    write(trace_folder, "two-rings", trace(calls) + trace(calls[:3])[1152:])
    write(trace_folder, "cut", trace(calls)[:1152 + 128 + 136 * 3 + 50])
    write(trace_folder, "empty", trace([]))
    write_hives(os.path.join(root, "hive"), {
        "catalog": os.path.join(regfile, "catalog-utf8"),
        "small": os.path.join(regfile, "catalog-small"),
    })


if __name__ == "__main__":
    main()
