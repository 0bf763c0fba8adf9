/* Prints every value of a registry key and of all below it, a line each: path, name, type and bytes in hexadecimal,
 * separated by tabs (in names, what is not printable ASCII as \uXXXX). For comparison with what a .reg file was meant
 * to import. Usage: dump_key KEY-BELOW-HKCU */
#include <windows.h>
#include <stdio.h>
#include <stdlib.h>

enum { PATH_UNITS = 4096 };

static void print_text(const WCHAR *text)
{
    for (; *text != 0; text++) {
        if (*text >= 0x20 && *text < 0x7f)
            putchar((char)*text);
        else
            printf("\\u%04x", (unsigned)*text);
    }
}

static int dump_values(HKEY key, const WCHAR *path)
{
    static WCHAR name[16384];
    static BYTE bytes[1 << 20];
    for (DWORD index = 0;; index++) {
        DWORD length = 16384, size = sizeof bytes, type;
        LONG code = RegEnumValueW(key, index, name, &length, NULL, &type, bytes, &size);
        if (code == ERROR_NO_MORE_ITEMS)
            return 0;
        if (code != ERROR_SUCCESS) {
            fprintf(stderr, "RegEnumValueW: error %ld\n", code);
            return 1;
        }
        print_text(path);
        putchar('\t');
        print_text(name);
        printf("\t%lx\t", (unsigned long)type);
        for (DWORD i = 0; i < size; i++)
            printf("%02x", bytes[i]);
        putchar('\n');
    }
}

static int dump(HKEY key, WCHAR *path)
{
    size_t used = wcslen(path);
    print_text(path);
    putchar('\n');
    if (dump_values(key, path) != 0)
        return 1;
    for (DWORD index = 0;; index++) {
        WCHAR name[256];
        DWORD length = 256;
        HKEY child;
        LONG code = RegEnumKeyExW(key, index, name, &length, NULL, NULL, NULL, NULL);
        if (code == ERROR_NO_MORE_ITEMS)
            return 0;
        if (code != ERROR_SUCCESS || used + length + 2 > PATH_UNITS)
            return 1;
        path[used] = L'\\';
        wcscpy(path + used + 1, name);
        if (RegOpenKeyExW(key, name, 0, KEY_READ, &child) != ERROR_SUCCESS || dump(child, path) != 0)
            return 1;
        RegCloseKey(child);
        path[used] = 0;
    }
}

int main(int argc, char **argv)
{
    static WCHAR path[PATH_UNITS];
    HKEY key;
    if (argc != 2 || MultiByteToWideChar(CP_ACP, 0, argv[1], -1, path, PATH_UNITS) == 0)
        return 2;
    LONG code = RegOpenKeyExW(HKEY_CURRENT_USER, path, 0, KEY_READ, &key);
    if (code != ERROR_SUCCESS) {
        fprintf(stderr, "RegOpenKeyExW: error %ld\n", code);
        return 1;
    }
    path[0] = 0;
    return dump(key, path);
}
