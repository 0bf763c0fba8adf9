/* tests/tools/code_page_table.c with Windows's own conversions. */
#include "../tools/code_page_table.c"
