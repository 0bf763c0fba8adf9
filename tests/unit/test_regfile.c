/* The .reg reader and writer. What is accepted and refused follows Microsoft's page "Distribute registry changes with
 * .reg files" and what regedit has been measured to take; where regedit skips a bad line, the file is refused. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lsp-core/registry/regfile.h"
#include "lsp-core/base/text.h"

#define HEADER "Windows Registry Editor Version 5.00\n\n"

static struct wsplsp_error error;

static struct reg_key *read_bytes(const void *bytes, size_t size)
{
    struct reg_key *root = NULL;
    memset(&error, 0, sizeof error);
    uint32_t code_page = 1252;
    if (regfile_read(bytes, size, "test.reg", &code_page, &root, &error) != WSPLSP_OK)
        fail_msg("%s", error.message);
    assert_string_equal(reg_key_name(root), "");
    return root;
}

static struct reg_key *read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

static void expect_bytes_bad(const void *bytes, size_t size, const char *message)
{
    struct reg_key *root = NULL;
    memset(&error, 0, sizeof error);
    uint32_t code_page = 1252;
    assert_int_equal(regfile_read(bytes, size, "test.reg", &code_page, &root, &error), WSPLSP_SYSTEM);
    assert_null(root);
    assert_int_equal(error.status, WSPLSP_SYSTEM);
    assert_string_equal(error.name, "BAD_FORMAT");
    if (strncmp(error.message, message, strlen(message)) != 0)
        fail_msg("\"%s\" does not begin with \"%s\"", error.message, message);
}

/* `text` goes behind the header and a key, so that its first line is line 4. */
static void expect_bad(const char *text, const char *message)
{
    char *whole = text_format(HEADER "[HKLM\\A]\n%s", text);
    expect_bytes_bad(whole, strlen(whole), message);
    free(whole);
}

static void expect_stored(const struct reg_key *root, const char *path, const char *name, uint32_t type,
                          const void *data, size_t size)
{
    const struct reg_key *key = reg_key_find(root, path);
    if (key == NULL)
        fail_msg("no key %s", path);
    const struct reg_value *value = reg_key_value(key, name);
    if (value == NULL)
        fail_msg("no value %s", name);
    assert_string_equal(value->name, name);
    assert_int_equal(value->type, type);
    assert_int_equal(value->size, size);
    assert_memory_equal(value->data, data, size);
}

/* One value line, by the bytes it has to give. */
static void expect_line(const char *line, const char *name, uint32_t type, const void *data, size_t size)
{
    char *whole = text_format(HEADER "[HKLM\\A]\n%s", line);
    struct reg_key *root = read_text(whole);
    expect_stored(root, "HKLM\\A", name, type, data, size);
    assert_int_equal(reg_key_value_count(reg_key_find(root, "HKLM\\A")), 1);
    reg_key_free(root);
    free(whole);
}

static void every_data_form_is_read(void **state)
{
    (void)state;
    expect_line("\"n\"=\"Text\"\n", "n", REGTREE_SZ, "T\0e\0x\0t\0\0\0", 10);
    expect_line("@=\"\"\n", "", REGTREE_SZ, "\0\0", 2);
    expect_line("\"\"=\"\"\n", "", REGTREE_SZ, "\0\0", 2);
    expect_line("\"n\"=dword:0000001f\n", "n", REGTREE_DWORD, "\x1F\0\0\0", 4);
    expect_line("\"n\"=dword:F1020304\n", "n", REGTREE_DWORD, "\x04\x03\x02\xF1", 4);
    expect_line("\"n\"=dword:1\n", "n", REGTREE_DWORD, "\x01\0\0\0", 4);
    expect_line("\"n\"=hex:01,aB,ff\n", "n", REGTREE_BINARY, "\x01\xAB\xFF", 3);
    expect_line("\"n\"=hex:1,2\n", "n", REGTREE_BINARY, "\x01\x02", 2);
    expect_line("\"n\"=hex:\n", "n", REGTREE_BINARY, "", 0);
    expect_line("\"n\"=hex(0):01\n", "n", REGTREE_NONE, "\x01", 1);
    expect_line("\"n\"=hex(1):41,00,00,00\n", "n", REGTREE_SZ, "A\0\0\0", 4);
    expect_line("\"n\"=hex(2):41,00\n", "n", REGTREE_EXPAND_SZ, "A\0", 2);
    expect_line("\"n\"=hex(4):01,02\n", "n", REGTREE_DWORD, "\x01\x02", 2);
    expect_line("\"n\"=hex(7):41,00,00,00,00,00\n", "n", REGTREE_MULTI_SZ, "A\0\0\0\0\0", 6);
    expect_line("\"n\"=hex(b):01,02,03,04,05,06,07,08\n", "n", REGTREE_QWORD, "\1\2\3\4\5\6\7\x08", 8);
    expect_line("\"n\"=hex(7fffffff):01\n", "n", 0x7FFFFFFF, "\x01", 1);
    expect_line("\"n\"=hex(FFFFFFFF):01\n", "n", 0xFFFFFFFF, "\x01", 1);
}

static void strings_are_unescaped(void **state)
{
    (void)state;
    expect_line("\"a\\\\b\\\"c\"=\"\\\\x\\\"\"\n", "a\\b\"c", REGTREE_SZ, "\\\0x\0\"\0\0\0", 8);
    expect_line("\"n\"=\"a;#b\"\n", "n", REGTREE_SZ, "a\0;\0#\0b\0\0\0", 10);
    expect_line("\"n=m\"=\"a\"\n", "n=m", REGTREE_SZ, "a\0\0\0", 4);
    expect_line("\"n\"=\"a\r\nb\"\n", "n", REGTREE_SZ, "a\0\r\0\n\0b\0\0\0", 10);
}

static void blanks_and_comments_are_ignored(void **state)
{
    (void)state;
    expect_line(" \t\"n\" \t=\t \"a\" \t\n", "n", REGTREE_SZ, "a\0\0\0", 4);
    expect_line("@ = dword: 1 ; comment\n", "", REGTREE_DWORD, "\x01\0\0\0", 4);
    expect_line("\"n\"=\"a\";comment \\\n", "n", REGTREE_SZ, "a\0\0\0", 4);
    expect_line("\"n\"=dword:1;2\n", "n", REGTREE_DWORD, "\x01\0\0\0", 4);
    expect_line("\"n\"=hex: 01 , 02 ;comment\n", "n", REGTREE_BINARY, "\1\2", 2);
    expect_line(";a\n#b\n  ;c\n\n \t\n\"n\"=hex:01,\n", "n", REGTREE_BINARY, "\1", 1);
}

static void long_data_continues_on_the_next_lines(void **state)
{
    (void)state;
    expect_line("\"n\"=hex:01,\\\n  02,\\\n  03\n", "n", REGTREE_BINARY, "\1\2\3", 3);
    expect_line("\"n\"=hex:01, \t\\ \t\r\n\t02\r\n", "n", REGTREE_BINARY, "\1\2", 2);
    expect_line("\"n\"=hex:\\\n  01\n", "n", REGTREE_BINARY, "\1", 1);
    expect_line("\"n\"=hex:01,\\;comment\n  02\n", "n", REGTREE_BINARY, "\1\2", 2);
    expect_line("\"n\"=hex:01,\\\n\n  ; comment\n\n  02\n", "n", REGTREE_BINARY, "\1\2", 2);
}

static void lines_may_end_in_any_way_or_not_at_all(void **state)
{
    (void)state;
    static const char *const ends[] = {"\n", "\r\n", "\r"};
    for (size_t i = 0; i < 3; i++) {
        char *text =
            text_format("Windows Registry Editor Version 5.00%s%s[HKLM\\A]%s\"n\"=dword:1%s\"m\"=hex:01,\\%s  02",
                        ends[i], ends[i], ends[i], ends[i], ends[i]);
        struct reg_key *root = read_text(text);
        expect_stored(root, "HKLM\\A", "n", REGTREE_DWORD, "\1\0\0\0", 4);
        expect_stored(root, "HKLM\\A", "m", REGTREE_BINARY, "\1\2", 2);
        reg_key_free(root);
        free(text);
    }
    expect_line("\"n\"=\"a\"", "n", REGTREE_SZ, "a\0\0\0", 4);
    reg_key_free(read_text("REGEDIT4"));
    reg_key_free(read_text("Windows Registry Editor Version 5.00 \t\n"));
}

static void keys_make_their_parents(void **state)
{
    (void)state;
    struct reg_key *root = read_text(HEADER "[HKEY_LOCAL_MACHINE\\A\\B\\C] ; comment\n[hkey_local_machine\\a\\D\\]\n"
                                            "[ControlSet001\\a]b \\\"c\" ]\n");
    assert_int_equal(reg_key_child_count(root), 2);
    assert_int_equal(reg_key_child_count(reg_key_find(root, "HKEY_LOCAL_MACHINE\\A")), 2);
    assert_non_null(reg_key_find(root, "HKEY_LOCAL_MACHINE\\A\\B\\C"));
    assert_string_equal(reg_key_name(reg_key_find(root, "HKEY_LOCAL_MACHINE\\A\\D")), "D");
    assert_non_null(reg_key_find(root, "ControlSet001\\a]b \\\"c\" "));
    reg_key_free(root);
}

static void later_lines_replace_and_delete(void **state)
{
    (void)state;
    struct reg_key *root =
        read_text(HEADER "[HKLM\\A]\n\"a\"=\"1\"\n\"b\"=\"2\"\n@=\"3\"\n\"A\"=dword:1\n\"b\"=-\n@=- ;c\n"
                         "\"none\"=-\n[HKLM\\B\\C]\n[HKLM\\B\\D]\n[-HKLM\\B\\c]\n[-HKLM\\X\\Y]\n[-Z]\n");
    expect_stored(root, "HKLM\\A", "a", REGTREE_DWORD, "\1\0\0\0", 4);
    assert_int_equal(reg_key_value_count(reg_key_find(root, "HKLM\\A")), 1);
    assert_null(reg_key_find(root, "HKLM\\B\\C"));
    assert_non_null(reg_key_find(root, "HKLM\\B\\D"));
    assert_int_equal(reg_key_child_count(root), 1);
    reg_key_free(root);
}

static void regedit4_strings_are_ansi(void **state)
{
    (void)state;
    struct reg_key *root =
        read_text("REGEDIT4\n\n[HKLM\\\xC4]\n\"\x80\"=\"\xE9\"\n\"1\"=hex(1):80,00\n\"2\"=hex(2):41\n"
                  "\"7\"=hex(7):41,00,e9,00,00\n\"3\"=hex:80,00\n\"0\"=hex(0):80\n");
    expect_stored(root, "HKLM\\\xC3\x84", "\xE2\x82\xAC", REGTREE_SZ, "\xE9\0\0\0", 4);
    expect_stored(root, "HKLM\\\xC3\x84", "1", REGTREE_SZ, "\xAC\x20\0\0", 4);
    expect_stored(root, "HKLM\\\xC3\x84", "2", REGTREE_EXPAND_SZ, "A\0", 2);
    expect_stored(root, "HKLM\\\xC3\x84", "7", REGTREE_MULTI_SZ, "A\0\0\0\xE9\0\0\0\0\0", 10);
    expect_stored(root, "HKLM\\\xC3\x84", "3", REGTREE_BINARY, "\x80\0", 2);
    expect_stored(root, "HKLM\\\xC3\x84", "0", REGTREE_NONE, "\x80", 1);
    reg_key_free(root);
    root = read_text("REGEDIT4\n\n[A]\n@=\"\xC3\xA9\"\n"); /* no UTF-8, though it could be */
    expect_stored(root, "A", "", REGTREE_SZ, "\xC3\0\xA9\0\0\0", 6);
    reg_key_free(root);
}

static void utf8_and_utf16_read_alike(void **state)
{
    (void)state;
    static const char text[] = HEADER "[HKLM\\\xE2\x82\xAC]\n\"\xF0\x9F\x98\x80\"=\"\xC3\xA9\"\n";
    size_t units;
    uint16_t *utf16 = text_to_utf16(text, &units);
    char *marked16 = malloc(2 * units);
    memcpy(marked16, "\xFF\xFE", 2);
    memcpy(marked16 + 2, utf16, 2 * (units - 1));
    char *marked8 = text_format("\xEF\xBB\xBF%s", text);
    struct reg_key *roots[] = {read_text(text), read_text(marked8), read_bytes(marked16, 2 * units)};
    for (size_t i = 0; i < 3; i++) {
        expect_stored(roots[i], "HKLM\\\xE2\x82\xAC", "\xF0\x9F\x98\x80", REGTREE_SZ, "\xE9\0\0\0", 4);
        reg_key_free(roots[i]);
    }
    free(utf16);
    free(marked16);
    free(marked8);
}

/* Without a mark, version 5.00 that is not UTF-8 is what regedit takes it for: ANSI. */
static void unmarked_text_that_is_not_utf8_is_ansi(void **state)
{
    (void)state;
    expect_line("\"\xE9\"=\"\x80\"\n", "\xC3\xA9", REGTREE_SZ, "\xAC\x20\0\0", 4);
}

/* "ソ.dll": the character's second byte is 0x5C, which is a backslash where it stands alone. */
#define SO_932   "\x83\x5C.dll"
#define SO_UTF16 "\xBD\x30.\0d\0l\0l\0\0"

static void expect_code_page(const char *text, uint32_t given, uint32_t found)
{
    struct reg_key *root = NULL;
    uint32_t code_page = given;
    memset(&error, 0, sizeof error);
    if (regfile_read(text, strlen(text), "test.reg", &code_page, &root, &error) != WSPLSP_OK)
        fail_msg("%s", error.message);
    assert_int_equal(code_page, found);
    if (found == 932)
        expect_stored(root, "A", "", REGTREE_SZ, SO_UTF16, sizeof SO_UTF16);
    reg_key_free(root);
}

static void ansi_strings_are_read_in_the_code_page_that_is_given_or_told(void **state)
{
    (void)state;
    expect_code_page("REGEDIT4\n[A]\n@=\"" SO_932 "\"\n", 932, 932);
    expect_code_page("REGEDIT4\n[A]\n@=hex(1):83,5c,2e,64,6c,6c,00\n", 932, 932);
    expect_code_page("REGEDIT4\n; code page: 932\r\n[A]\n@=\"" SO_932 "\"\n", 0, 932);
    expect_code_page("REGEDIT4\n[A]\n@=\"" SO_932 "\"\n"
                     "[HKEY_LOCAL_MACHINE\\SYSTEM\\ControlSet001\\Control\\NLS\\CodePage]\r\n\"acp\"=\"932\"\r\n",
                     0, 932);
    expect_code_page(HEADER "; code page: 932\n[A]\n@=\"" SO_932 "\"\n", 0, 932); /* neither UTF-8 nor marked */
    /* What the user says goes before the comment, which goes before the key. */
    expect_code_page("REGEDIT4\n; code page: 1252\n[A]\n@=\"" SO_932 "\"\n", 932, 932);
    expect_code_page("REGEDIT4\n; code page: 932\n[A]\n@=\"" SO_932 "\"\n"
                     "[ControlSet001\\Control\\Nls\\CodePage]\n\"ACP\"=\"1252\"\n",
                     0, 932);
    /* None that is known, behind the first key, of another key, of another value. */
    expect_code_page("REGEDIT4\n; code page: 437\n[A]\n; code page: 932\n@=\"a\"\n", 0, 0);
    expect_code_page("REGEDIT4\n[A\\CodePage]\n\"ACP\"=\"932\"\n[B\\Control\\Nls\\CodePage]\n\"OEMCP\"=\"932\"\n", 0,
                     0);
}

static void expect_undecided(const char *text, uint32_t given, const char *message)
{
    struct reg_key *root = NULL;
    memset(&error, 0, sizeof error);
    assert_int_equal(regfile_read(text, strlen(text), "test.reg", &given, &root, &error), WSPLSP_REFUSED);
    assert_string_equal(error.name, "CODE_PAGE");
    assert_non_null(strstr(error.hint, "--code-page"));
    if (strncmp(error.message, message, strlen(message)) != 0)
        fail_msg("\"%s\" does not begin with \"%s\"", error.message, message);
}

static void ansi_strings_that_nothing_decides_are_refused(void **state)
{
    (void)state;
    expect_undecided("REGEDIT4\n[A]\n@=\"\xE9\"\n", 0, "test.reg, line 3: a string in an ANSI");
    expect_undecided("REGEDIT4\n[A]\n@=\"" SO_932 "\"\n", 0, "test.reg, line 3: a string in an ANSI");
    expect_undecided("REGEDIT4\n[\xE9]\n", 0, "test.reg, line 2: a string in an ANSI");
    expect_undecided("REGEDIT4\n[A]\n@=hex(2):e9,00\n", 0, "test.reg, line 4: a string in an ANSI");
    expect_undecided(HEADER "[A]\n@=\"\xE9\"\n", 0, "test.reg, line 4: a string in an ANSI");
    expect_undecided("REGEDIT4\n[A]\n@=\"\x83\"\n", 932, "test.reg, line 3: a string that is no text in code page 932");
    expect_undecided("REGEDIT4\n[A]\n@=\"\xE9\"\n", 65001, "test.reg, line 3: a string that is no text in");
    /* In a comment they are nobody's, and bytes in hexadecimal are bytes. */
    reg_key_free(read_text("REGEDIT4\n; \x81\n[A]\n@=hex:e9,00\n"));
    expect_code_page("REGEDIT4\n; \xE9\n[A]\n@=hex:e9,00\n", 0, 0);
}

static void the_writer_notes_the_code_page_and_the_reader_finds_it(void **state)
{
    (void)state;
    struct reg_key *key = reg_key_new("A");
    struct reg_key *root = NULL;
    void *bytes;
    size_t size;
    uint32_t code_page = 0;
    assert_int_equal(regfile_write(key, "A", 932, NULL, &bytes, &size, &error), WSPLSP_OK);
    assert_int_equal(regfile_read(bytes, size, "test.reg", &code_page, &root, &error), WSPLSP_OK);
    assert_int_equal(code_page, 932);
    assert_int_equal(reg_key_child_count(root), 1);
    reg_key_free(root);
    free(bytes);
    reg_key_free(key);
}

static void other_files_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "\n" HEADER,
        "regedit4\n",
        "REGEDIT\n",
        "REGEDIT5\n",
        "REGEDIT4FOO\n",
        "Windows Registry Editor Version 4.00\n",
        "Windows Registry Editor version 5.00\n",
        "Windows Registry Editor Version 5.00 x\n",
        "[HKLM\\A]\n",
        "regf",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        expect_bytes_bad(texts[i], strlen(texts[i]), "test.reg, line 1: neither \"Windows Registry Editor");
    expect_bytes_bad("\xEF\xBB\xBFREGEDIT4\n;\xFF", 14, "test.reg: not the encoding");
    expect_bytes_bad("\xFF\xFE"
                     "R",
                     3, "test.reg: not the encoding");
}

static void malformed_lines_are_refused_with_their_number(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "NoQuotes=\"a\"\n",
        "\"NoEndQuote=\"a\"\n",
        "\"n\" \"a\"\n",
        "\"n\"=\n",
        "\"n\"=a\n",
        "\"n\"=#\"a\"\n",
        "\"n\"=;\"a\"\n",
        "\"n\"=\"a\"b\"\n",
        "\"n\"=\"a\"\"b\"\n",
        "\"n\"=\"a\" #comment\n",
        "\"n\"=\"\\n\"\n",
        "\"n\"=\"C:\\Windows\"\n",
        "\"n\"=-\"a\"\n",
        "\"n\"=- #c\n",
        "\"n\"=dword:\n",
        "\"n\"=dword:hello\n",
        "\"n\"=dword:012345678\n",
        "\"n\"=dword:0x123\n",
        "\"n\"=dword:12 34\n",
        "\"n\"=dword:1234#5678\n",
        "\"n\"=hex\n",
        "\"n\"=hex():01\n",
        "\"n\"=hex(0x2):01\n",
        "\"n\"=hex(100000000):01\n",
        "\"n\"=hex(2:01\n",
        "\"n\"=hex(g):01\n",
        "\"n\"=hex(2) :01\n",
        "\"n\"=hex:100\n",
        "\"n\"=hex:g\n",
        "\"n\"=hex:,\n",
        "\"n\"=hex:01,,02\n",
        "\"n\"=hex:01 02\n",
        "\"n\"=hex:01 #comment\n",
        "\"n\"=hex:01\\\n",
        "\"n\"=hex:01,\\02\n",
        "\"n\"=hex:01,\\#comment\n",
        "[HKLM\\A\n",
        "[]\n",
        "[-]\n",
        "[\\A]\n",
        "[A\\\\B]\n",
        "[ HKLM\\A]\n",
        "[- HKLM\\A]\n",
        "[HKLM\\A] x\n",
        "x\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        expect_bad(lines[i], "test.reg, line 4: ");
}

static void errors_count_the_lines_of_every_kind(void **state)
{
    (void)state;
    expect_bad("\"n\"=\"a\"\r\n\r\n\rx", "test.reg, line 7: neither");
    expect_bad("\"n\"=\"a\n\n\"\nx\n", "test.reg, line 7: neither");
    expect_bad("\"n\"=hex:01,\\\n\n;\n  02,\\\n  x\n", "test.reg, line 8: a continued line");
    expect_bad("\"n\"=hex:01,\\\n\"m\"=hex:02\n", "test.reg, line 5: a continued line");
    expect_bad("\"n\"=\"open\n\n\n", "test.reg, line 4: a string without its closing quote");
}

static void a_file_cut_off_in_a_value_is_refused(void **state)
{
    (void)state;
    expect_bad("\"n\"=hex:01,\\", "test.reg, line 4: the file ends");
    expect_bad("\"n\"=hex:01,\\\n", "test.reg, line 5: the file ends");
    expect_bad("\"n\"=hex:01,\\\n  ; comment\n\n", "test.reg, line 7: the file ends");
    expect_bad("\"n\"=\"a", "test.reg, line 4: a string");
    expect_bad("\"n\"=\"a\\", "test.reg, line 4: a backslash");
    expect_bad("\"n\"", "test.reg, line 4: a value's name");
    expect_bad("\"n\"=dwo", "test.reg, line 4: no data");
    expect_bad("[HK", "test.reg, line 4: a key without");
}

static void a_value_needs_a_key(void **state)
{
    (void)state;
    static const char before[] = HEADER "\"n\"=\"a\"\n";
    expect_bytes_bad(before, strlen(before), "test.reg, line 3: a value that belongs to no key");
    expect_bad("[-HKLM\\A]\n@=\"a\"\n", "test.reg, line 5: a value that belongs to no key");
}

/* `levels` names, one in the other. */
static char *deep_file(size_t levels)
{
    char *path = calloc(levels, 2);
    for (size_t i = 0; i < levels; i++)
        memcpy(path + 2 * i, i + 1 < levels ? "a\\" : "a", i + 1 < levels ? 2 : 1);
    char *text = text_format(HEADER "[%s]\n", path);
    free(path);
    return text;
}

static void keys_are_at_most_512_levels_deep(void **state)
{
    (void)state;
    char *text = deep_file(512);
    reg_key_free(read_text(text));
    free(text);
    text = deep_file(513);
    expect_bytes_bad(text, strlen(text), "test.reg, line 3: a key deeper than the registry's 512 levels");
    free(text);
}

static void a_nul_in_a_name_or_a_string_is_refused(void **state)
{
    (void)state;
    expect_bytes_bad("REGEDIT4\n[A\0B]\n", 15, "test.reg, line 2: a NUL");
    expect_bytes_bad("REGEDIT4\n[A]\n\"\0\"=-\n", 19, "test.reg, line 3: a NUL");
    expect_bytes_bad("REGEDIT4\n[A]\n@=\"\0\"\n", 19, "test.reg, line 3: a NUL");
    expect_bytes_bad("REGEDIT4\n[A]\n@=\0-\n", 18, "test.reg, line 3: no data");
    expect_bytes_bad("REGEDIT4\n\0\n", 11, "test.reg, line 2: neither");
}

/* What regfile_write gives, as UTF-8 without the mark. */
static char *written(const struct reg_key *key, const char *path, const char *const *replace)
{
    void *bytes;
    size_t size;
    assert_int_equal(regfile_write(key, path, 0, replace, &bytes, &size, &error), WSPLSP_OK);
    assert_memory_equal(bytes, "\xFF\xFE", 2);
    char *text = text_from_utf16((char *)bytes + 2, size / 2 - 1);
    free(bytes);
    return text;
}

static void values_are_written_as_regedit_does(void **state)
{
    (void)state;
    struct reg_key *key = reg_key_new("A");
    reg_key_put_string(key, "", REGTREE_SZ, "default");
    reg_key_put_string(key, "a\\b\"c", REGTREE_SZ, "C:\\x \"\xE2\x82\xAC\"");
    reg_key_put_dword(key, "dword", 0x1F);
    reg_key_put_string(key, "lines", REGTREE_SZ, "a\r\n");
    reg_key_set(key, "binary", REGTREE_BINARY, "\x01\xAB", 2);
    reg_key_set(key, "none", REGTREE_NONE, "", 0);
    reg_key_put_string(key, "expand", REGTREE_EXPAND_SZ, "%A%");
    reg_key_set(key, "qword", REGTREE_QWORD, "\1\0\0\0\0\0\0\0", 8);
    reg_key_set(key, "short dword", REGTREE_DWORD, "\1", 1);
    reg_key_set(key, "odd", 0xFFFFFFFF, "\1", 1);
    reg_key_make(key, "B\\C");
    reg_key_make(key, "D");
    char *text = written(key, "HKEY_LOCAL_MACHINE\\A", NULL);
    assert_string_equal(text, "Windows Registry Editor Version 5.00\r\n\r\n"
                              "[HKEY_LOCAL_MACHINE\\A]\r\n"
                              "@=\"default\"\r\n"
                              "\"a\\\\b\\\"c\"=\"C:\\\\x \\\"\xE2\x82\xAC\\\"\"\r\n"
                              "\"dword\"=dword:0000001f\r\n"
                              "\"lines\"=hex(1):61,00,0d,00,0a,00,00,00\r\n"
                              "\"binary\"=hex:01,ab\r\n"
                              "\"none\"=hex(0):\r\n"
                              "\"expand\"=hex(2):25,00,41,00,25,00,00,00\r\n"
                              "\"qword\"=hex(b):01,00,00,00,00,00,00,00\r\n"
                              "\"short dword\"=hex(4):01\r\n"
                              "\"odd\"=hex(ffffffff):01\r\n\r\n"
                              "[HKEY_LOCAL_MACHINE\\A\\B]\r\n\r\n"
                              "[HKEY_LOCAL_MACHINE\\A\\B\\C]\r\n\r\n"
                              "[HKEY_LOCAL_MACHINE\\A\\D]\r\n\r\n");
    free(text);
    reg_key_free(key);
}

/* The line ends of an export that is quoted in full on the web: @=hex(2): with 23 bytes, then 25 a line. */
static void long_data_is_wrapped_where_regedit_wraps(void **state)
{
    (void)state;
    static const char path[] = "%ProgramFiles%\\Google\\Google Earth.exe";
    struct reg_key *key = reg_key_new("A");
    reg_key_put_string(key, "", REGTREE_EXPAND_SZ, path);
    char *text = written(key, "A", NULL);
    assert_non_null(strstr(text, "@=hex(2):25,00,50,00,72,00,6f,00,67,00,72,00,61,00,6d,00,46,00,69,00,6c,00,65,\\\r\n"
                                 "  00,73,00,25,00,5c,00,47,00,6f,00,6f,00,67,00,6c,00,65,00,5c,00,47,00,6f,00,\\\r\n"
                                 "  6f,00,67,00,6c,00,65,00,20,00,45,00,61,00,72,00,74,00,68,00,2e,00,65,00,78,\\\r\n"
                                 "  00,65,00,00,00\r\n"));
    free(text);
    reg_key_free(key);
}

static void deletions_come_first(void **state)
{
    (void)state;
    static const char *const replace[] = {"Parameters\\X", "Y", NULL};
    struct reg_key *key = reg_key_new("A");
    char *text = written(key, "HKLM\\A", replace);
    assert_string_equal(text,
                        "Windows Registry Editor Version 5.00\r\n\r\n[-HKLM\\A\\Parameters\\X]\r\n\r\n[-HKLM\\A\\Y]\r\n"
                        "\r\n[HKLM\\A]\r\n\r\n");
    free(text);
    reg_key_free(key);
}

static void expect_same(const struct reg_key *a, const struct reg_key *b)
{
    assert_string_equal(reg_key_name(a), reg_key_name(b));
    assert_int_equal(reg_key_value_count(a), reg_key_value_count(b));
    assert_int_equal(reg_key_child_count(a), reg_key_child_count(b));
    for (size_t i = 0; i < reg_key_value_count(a); i++) {
        const struct reg_value *left = reg_key_value_at(a, i);
        const struct reg_value *right = reg_key_value_at(b, i);
        assert_string_equal(left->name, right->name);
        assert_int_equal(left->type, right->type);
        assert_int_equal(left->size, right->size);
        assert_memory_equal(left->data, right->data, left->size);
    }
    for (size_t i = 0; i < reg_key_child_count(a); i++)
        expect_same(reg_key_child_at(a, i), reg_key_child_at(b, i));
}

static void expect_round_trip(const struct reg_key *key)
{
    void *bytes;
    size_t size;
    assert_int_equal(regfile_write(key, reg_key_name(key), 0, NULL, &bytes, &size, &error), WSPLSP_OK);
    struct reg_key *root = read_bytes(bytes, size);
    assert_int_equal(reg_key_child_count(root), 1);
    expect_same(key, reg_key_child_at(root, 0));
    reg_key_free(root);
    free(bytes);
}

static void any_bytes_of_any_type_come_back(void **state)
{
    (void)state;
    static const uint32_t types[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0x80000000, 0xFFFFFFFF};
    static const struct {
        const char *bytes;
        size_t size;
    } data[] = {
        {"", 0},
        {"a", 1},
        {"\0", 2},
        {"a\0", 2},
        {"a\0\0", 3},
        {"\0\0x", 3},
        {"a\0\0\0x", 5},
        {"a\0\0\0", 4},
        {"\0\0\0\0", 4},
        {"a\0\0\0b\0", 6},
        {"\n\0\0\0", 4},
        {"\r\0\n\0\0\0", 6},
        {"\x3D\xD8\0\0", 4},
        {"\xFF\xFE\0\0", 4},
        {"\"\0\\\0\0\0", 6},
        {"a\0\0\0\0\0", 6},
        {"\t\0\0\0", 4},
    };
    struct reg_key *key = reg_key_new("k");
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        for (size_t j = 0; j < sizeof data / sizeof data[0]; j++) {
            char name[16];
            snprintf(name, sizeof name, "%zu %zu", i, j);
            assert_true(reg_key_set(key, name, types[i], data[j].bytes, data[j].size));
        }
    }
    assert_true(reg_key_set(key, "two\r\nlines \"\\\t", REGTREE_SZ, "\0", 2));
    assert_non_null(reg_key_make(key, "a]b\\ c \\-d\\;e\\\"f\"\\\xF0\x9F\x98\x80"));
    expect_round_trip(key);
    reg_key_free(key);
}

static void every_length_of_data_and_name_comes_back(void **state)
{
    (void)state;
    struct reg_key *key = reg_key_new("k");
    uint8_t bytes[128];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 37);
    for (size_t i = 0; i < sizeof bytes; i++) {
        char name[256] = {0};
        memset(name, 'n', 2 * i);
        assert_true(reg_key_set(key, name, REGTREE_BINARY, bytes, i));
    }
    expect_round_trip(key);
    reg_key_free(key);
}

static void names_that_no_file_can_hold_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {"", "a\\b", "a\nb", "a\rb"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct reg_key *key = reg_key_new("k");
        assert_true(reg_key_adopt(key, reg_key_new(names[i])));
        void *bytes = NULL;
        size_t size;
        assert_int_equal(regfile_write(key, "k", 0, NULL, &bytes, &size, &error), WSPLSP_REFUSED);
        assert_string_equal(error.name, "BAD_NAME");
        assert_null(bytes);
        reg_key_free(key);
    }
}

static void real_catalogs_come_back(void **state)
{
    (void)state;
    static const char *const paths[] = {"../shared/catalogs/windows7-x86.reg", "../shared/catalogs/windows8-x64.reg"};
    for (size_t i = 0; i < 2; i++) {
        FILE *file = fopen(paths[i], "rb");
        if (file == NULL)
            skip();
        fclose(file);
        size_t size;
        uint8_t *bytes = support_read_file(paths[i], &size);
        struct reg_key *root = read_bytes(bytes, size);
        assert_int_equal(reg_key_child_count(root), 1);
        expect_round_trip(reg_key_child_at(root, 0));
        reg_key_free(root);
        free(bytes);
    }
}

static bool read_and_write(void *context)
{
    static const char text[] =
        "REGEDIT4\n[HKLM\\A\\B]\n\"n\"=\"a\"\n\"h\"=hex(7):41,00,00\n\"d\"=dword:1\n\"d\"=-\n[-HKLM\\C]\n";
    (void)context;
    struct reg_key *root;
    uint32_t code_page = 0;
    if (regfile_read(text, strlen(text), "test.reg", &code_page, &root, &error) != WSPLSP_OK) {
        assert_string_equal(error.message, "out of memory");
        return false;
    }
    static const char *const replace[] = {"X", NULL};
    void *bytes;
    size_t size;
    enum wsplsp_status status = regfile_write(reg_key_child_at(root, 0), "HKLM", 0, replace, &bytes, &size, &error);
    reg_key_free(root);
    if (status == WSPLSP_OK)
        free(bytes);
    else
        assert_string_equal(error.message, "out of memory");
    return status == WSPLSP_OK;
}

static void running_out_of_memory_is_an_error_of_its_own(void **state)
{
    (void)state;
    support_fail_allocations(read_and_write, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_data_form_is_read),
        cmocka_unit_test(strings_are_unescaped),
        cmocka_unit_test(blanks_and_comments_are_ignored),
        cmocka_unit_test(long_data_continues_on_the_next_lines),
        cmocka_unit_test(lines_may_end_in_any_way_or_not_at_all),
        cmocka_unit_test(keys_make_their_parents),
        cmocka_unit_test(later_lines_replace_and_delete),
        cmocka_unit_test(regedit4_strings_are_ansi),
        cmocka_unit_test(utf8_and_utf16_read_alike),
        cmocka_unit_test(unmarked_text_that_is_not_utf8_is_ansi),
        cmocka_unit_test(ansi_strings_are_read_in_the_code_page_that_is_given_or_told),
        cmocka_unit_test(ansi_strings_that_nothing_decides_are_refused),
        cmocka_unit_test(the_writer_notes_the_code_page_and_the_reader_finds_it),
        cmocka_unit_test(other_files_are_refused),
        cmocka_unit_test(malformed_lines_are_refused_with_their_number),
        cmocka_unit_test(errors_count_the_lines_of_every_kind),
        cmocka_unit_test(a_file_cut_off_in_a_value_is_refused),
        cmocka_unit_test(a_value_needs_a_key),
        cmocka_unit_test(a_nul_in_a_name_or_a_string_is_refused),
        cmocka_unit_test(keys_are_at_most_512_levels_deep),
        cmocka_unit_test(values_are_written_as_regedit_does),
        cmocka_unit_test(long_data_is_wrapped_where_regedit_wraps),
        cmocka_unit_test(deletions_come_first),
        cmocka_unit_test(any_bytes_of_any_type_come_back),
        cmocka_unit_test(every_length_of_data_and_name_comes_back),
        cmocka_unit_test(names_that_no_file_can_hold_are_refused),
        cmocka_unit_test(real_catalogs_come_back),
        cmocka_unit_test(running_out_of_memory_is_an_error_of_its_own),
    };
    return cmocka_run_group_tests_name("regfile", tests, NULL, NULL);
}
