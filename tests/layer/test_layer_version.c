/* The version negotiation (lsp-core/layer/version.h): every row of the table on WSPStartup's page. Native. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lsp-core/layer/version.h"

#define V(major, minor) VERSION_OF(major, minor)
#define NONE            0 /* "---" */

static const struct {
    struct version_range provider;
    uint16_t requested, version, highest;
} rows[] = {
    {{V(1, 1), V(1, 1)}, V(1, 1), V(1, 1), V(1, 1)}, /* use 1.1 */
    {{V(1, 0), V(1, 0)}, V(1, 1), V(1, 0), V(1, 0)}, /* use 1.0 */
    {{V(1, 0), V(1, 1)}, V(1, 0), V(1, 0), V(1, 1)}, /* use 1.0 */
    {{V(1, 0), V(1, 1)}, V(1, 1), V(1, 1), V(1, 1)}, /* use 1.1 */
    {{V(1, 0), V(1, 0)}, V(1, 1), V(1, 0), V(1, 0)}, /* the DLL, which wants 1.1, fails */
    {{V(1, 1), V(1, 1)}, V(1, 0), NONE, NONE},       /* WSAVERNOTSUPPORTED */
    {{V(1, 0), V(1, 1)}, V(1, 1), V(1, 1), V(1, 1)}, /* use 1.1 */
    {{V(1, 1), V(1, 1)}, V(2, 0), V(1, 1), V(1, 1)}, /* use 1.1 */
    {{V(2, 0), V(2, 0)}, V(2, 0), V(2, 0), V(2, 0)}, /* use 2.0 */
    {{V(2, 2), V(2, 2)}, V(2, 2), V(2, 2), V(2, 2)}, /* use 2.2 */
};

static void table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct version_answer answer = {NONE, NONE};
        assert_int_equal(version_negotiate(rows[i].provider, rows[i].requested, &answer), rows[i].version != NONE);
        assert_int_equal(answer.version, rows[i].version);
        assert_int_equal(answer.highest, rows[i].highest);
    }
}

/* MAKEWORD puts the minor version into the high byte: 1.9 is 0x0901, more than 2.2 as a number, less as a version. */
static void order(void **state)
{
    struct version_answer answer;
    (void)state;
    assert_int_equal(V(2, 2), 0x0202);
    assert_int_equal(V(1, 9), 0x0901);
    assert_false(version_negotiate((struct version_range){V(2, 2), V(2, 2)}, V(1, 9), &answer));
    assert_true(version_negotiate((struct version_range){V(2, 0), V(2, 2)}, V(3, 0), &answer));
    assert_int_equal(answer.version, V(2, 2));
    assert_true(version_negotiate((struct version_range){V(1, 0), V(2, 2)}, V(1, 9), &answer));
    assert_int_equal(answer.version, V(1, 9));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(table), cmocka_unit_test(order)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
