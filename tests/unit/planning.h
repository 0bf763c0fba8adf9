/* What the planner's tests share: provider ids that are the same in every run, a system that carries plans out step by
 * step, and what has to hold after each step. Nothing of it asks the planner's own functions. */
#ifndef WSPLSP_TESTS_PLANNING_H
#define WSPLSP_TESTS_PLANNING_H

#include "support.h"

#include "lsp-core/plan/plan.h"

/* A plan_new_id that never fails, until planning_fail_ids says so. */
bool planning_new_id(struct wsplsp_guid *id);
void planning_fail_ids(bool fail);

/* A fixture of tests/fixtures, without ".reg". */
struct wsplsp_snapshot *planning_fixture(const char *name);

/* For a snapshot built by hand: puts the entries' names (ASCII) into their WSAPROTOCOL_INFO, and indexes it. */
void planning_name(struct wsplsp_snapshot *snapshot);

/* Fails the test unless, compared with `start`: ids are unique, every base entry is there and as it was, every chain is
 * sound that was not broken at the start, and programs get a TCP and a UDP socket where they got one. */
void planning_check(const struct wsplsp_snapshot *start, const struct wsplsp_snapshot *now);

/* Carries a plan out on a copy of `from` that gives out other ids than the plan guessed, with planning_check after each
 * step and plan_compare after the last; returns the copy. */
struct wsplsp_snapshot *planning_carry_out(const struct plan *plan, const struct wsplsp_snapshot *from);

/* The entries of a catalog in order, in words: "chain A > B > TCP4", "base TCP4", "layer A", one a line. Names are cut
 * at " over [", so that a chain is known by its members. */
char *planning_tell(const struct wsplsp_snapshot *snapshot, int bits);

/* The functions of a plan's steps, in order, joined by spaces. */
char *planning_functions(const struct plan *plan);

/* Fails the test where the two differ in anything but ids. */
void planning_same(const struct wsplsp_snapshot *a, const struct wsplsp_snapshot *b);

#endif
