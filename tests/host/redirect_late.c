/* Two DLLs that import from each other: whichever the loader tells of first has been linked to the other one already.
 * LATE: the one that test_redirect.c's table names; otherwise the one that calls its function. */
#ifdef LATE

__declspec(dllimport) int cycle_number(void);

__declspec(dllexport) int late_number(void)
{
    return 1;
}

__declspec(dllexport) int late_asks_cycle(void)
{
    return cycle_number();
}

#else

__declspec(dllimport) int late_number(void);

__declspec(dllexport) int cycle_number(void)
{
    return 2;
}

__declspec(dllexport) int cycle_asks_late(void)
{
    return late_number();
}

#endif
