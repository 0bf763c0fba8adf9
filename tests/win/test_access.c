/* Access rights on a running Windows: what its own calls make and tell is understood, and a path is followed through
 * real folders. What is judged how, tests/unit/test_access.c has. Wine keeps owners and rights as Unix modes do. */
#include "lsp-core/win/access_win.h"

#include <aclapi.h>
#include <sddl.h>
#include <stdlib.h>

#include "tap.h"

#define ROOT L"C:\\wsplsp-test-access"

static struct access_judgement judge(const char *sddl, uint32_t wanted)
{
    struct access_judgement judgement = {.answer = ACCESS_UNKNOWN};
    PSECURITY_DESCRIPTOR descriptor = NULL;
    ULONG size = 0;
    EXPECT(ConvertStringSecurityDescriptorToSecurityDescriptorA(sddl, SDDL_REVISION_1, &descriptor, &size));
    if (descriptor != NULL)
        judgement = access_changes(descriptor, size, wanted, NULL);
    LocalFree(descriptor);
    return judgement;
}

static void windows_own_descriptors_are_understood(void)
{
    EXPECT(judge("O:SYG:SYD:(A;;FA;;;SY)(A;;0x1301bf;;;BA)(A;;0x1200a9;;;BU)", ACCESS_CHANGE_FOLDER).answer ==
           ACCESS_NO);
    EXPECT(judge("O:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICIIO;FA;;;CO)", ACCESS_CHANGE_ABOVE).answer == ACCESS_NO);
    struct access_judgement judgement = judge("O:BAD:(A;;FA;;;S-1-5-21-1-2-3-1001)", ACCESS_CHANGE_FILE);
    EXPECT(judgement.answer == ACCESS_YES);
    EXPECT_TEXT(judgement.who, "S-1-5-21-1-2-3-1001");
    EXPECT(judge("O:BAD:(D;;FA;;;WD)(A;;FA;;;BU)", ACCESS_CHANGE_FILE).answer == ACCESS_NO);
    EXPECT(judge("O:BAD:", ACCESS_CHANGE_FILE).answer == ACCESS_NO);
}

static void the_numbers_are_windows_own(void)
{
    EXPECT(ACCESS_WRITE_DATA == FILE_WRITE_DATA && ACCESS_WRITE_DATA == FILE_ADD_FILE);
    EXPECT(ACCESS_APPEND_DATA == FILE_APPEND_DATA && ACCESS_DELETE_CHILD == FILE_DELETE_CHILD);
    EXPECT(ACCESS_DELETE == DELETE && ACCESS_WRITE_DAC == WRITE_DAC && ACCESS_WRITE_OWNER == WRITE_OWNER);
    EXPECT(ACCESS_READ_DATA == FILE_READ_DATA && ACCESS_EXECUTE == FILE_EXECUTE && ACCESS_SYNCHRONIZE == SYNCHRONIZE);
    EXPECT(ACCESS_WRITE_EA == FILE_WRITE_EA && ACCESS_WRITE_ATTRIBUTES == FILE_WRITE_ATTRIBUTES);
    EXPECT(ACCESS_READ_ATTRIBUTES == FILE_READ_ATTRIBUTES);
}

static void open_to_everyone(const wchar_t *path, bool open)
{
    PSECURITY_DESCRIPTOR descriptor = NULL;
    EXPECT(ConvertStringSecurityDescriptorToSecurityDescriptorW(open ? L"D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;FA;;;WD)"
                                                                     : L"D:P(A;;FA;;;SY)(A;;FA;;;BA)(A;;0x1200a9;;;WD)",
                                                                SDDL_REVISION_1, &descriptor, NULL));
    EXPECT(SetFileSecurityW(path, DACL_SECURITY_INFORMATION, descriptor));
    LocalFree(descriptor);
}

static enum access_answer answer_for(const wchar_t *path, const char *at)
{
    struct access_finding finding;
    EXPECT(access_path_changes(path, &finding));
    enum access_answer answer = finding.judgement.answer;
    if (at != NULL)
        EXPECT_TEXT(finding.at, at);
    access_finding_free(&finding);
    return answer;
}

static void each_folder_above_counts(void)
{
    static const wchar_t *const parts[] = {ROOT, ROOT L"\\a", ROOT L"\\a\\b", ROOT L"\\a\\b\\x.dll"};
    static const char *const names[] = {"C:\\wsplsp-test-access", "C:\\wsplsp-test-access\\a",
                                        "C:\\wsplsp-test-access\\a\\b", "C:\\wsplsp-test-access\\a\\b\\x.dll"};
    for (size_t i = 0; i < 3; i++)
        EXPECT(CreateDirectoryW(parts[i], NULL));
    CloseHandle(CreateFileW(parts[3], GENERIC_WRITE, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL));
    for (size_t i = 0; i < 4; i++)
        open_to_everyone(parts[i], false);
    EXPECT(answer_for(parts[3], NULL) == ACCESS_NO);
    for (size_t i = 0; i < 4; i++) {
        open_to_everyone(parts[i], true);
        EXPECT(answer_for(parts[3], names[i]) == ACCESS_YES);
        open_to_everyone(parts[i], false);
    }
    DeleteFileW(parts[3]);
    EXPECT(answer_for(parts[3], names[3]) == ACCESS_UNKNOWN);
    for (size_t i = 3; i > 0; i--)
        EXPECT(RemoveDirectoryW(parts[i - 1]));
}

int main(void)
{
    RUN(windows_own_descriptors_are_understood);
    RUN(the_numbers_are_windows_own);
    RUN(each_folder_above_counts);
    return tap_end();
}
