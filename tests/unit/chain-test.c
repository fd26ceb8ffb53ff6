/* The hash chain: which checkpoints of a directory come from one that is, or was, there. Digests are single letters. */
#include "policy/chain.h"

#include "unit.h"

enum { MOST = 4 };

static enum chain_verdict verdicts[MOST];

static void judge(struct chain chain)
{
    chain_judge(&chain, verdicts);
}

#define LINKS(...)                                       \
    .links = (const struct chain_link[]){ __VA_ARGS__ }, \
    .n = sizeof((const struct chain_link[]){ __VA_ARGS__ }) / sizeof(struct chain_link)

static void a_run_from_epoch_zero_holds_in_any_order(void)
{
    judge((struct chain){
        LINKS({ "c", "b", "d", 2, false }, { "a", "none", "none", 0, false }, { "b", "a", "d", 1, false }) });
    CHECK_EQUAL(verdicts[0], CHAIN_LINKED);
    CHECK_EQUAL(verdicts[1], CHAIN_FIRST);
    CHECK_EQUAL(verdicts[2], CHAIN_LINKED);
}

static void only_the_oldest_may_come_from_elsewhere(void)
{
    judge((struct chain){ LINKS({ "b", "a", "d", 1, false }, { "c", "x", "d", 2, false }) });
    CHECK_EQUAL(verdicts[0], CHAIN_FIRST);
    CHECK_EQUAL(verdicts[1], CHAIN_NO_PARENT);
}

static void a_pruned_parent_is_known_from_its_tombstone(void)
{
    const char *pruned[] = { "x" };

    judge((struct chain){
        LINKS({ "a", "none", "none", 0, false }, { "c", "x", "d", 2, false }, { "e", "y", "d", 4, false }),
        .pruned = pruned, .pruned_count = 1 });
    CHECK_EQUAL(verdicts[1], CHAIN_PARENT_PRUNED);
    CHECK_EQUAL(verdicts[2], CHAIN_NO_PARENT);
}

static void a_parent_must_be_of_an_earlier_epoch(void)
{
    judge((struct chain){
        LINKS({ "a", "b", "d", 1, false }, { "b", "c", "d", 1, false }, { "c", "none", "none", 2, false }) });
    CHECK_EQUAL(verdicts[0], CHAIN_PARENT_NOT_EARLIER);
    CHECK_EQUAL(verdicts[1], CHAIN_PARENT_NOT_EARLIER);
    CHECK_EQUAL(verdicts[2], CHAIN_NO_PARENT);
}

static void a_parent_must_have_the_same_data_or_none(void)
{
    judge((struct chain){ LINKS({ "a", "none", "none", 0, false }, { "b", "a", "d", 1, false },
                                { "c", "b", "e", 2, false }, { "f", "c", "none", 3, false }) });
    CHECK_EQUAL(verdicts[1], CHAIN_LINKED);
    CHECK_EQUAL(verdicts[2], CHAIN_OTHER_DATA);
    CHECK_EQUAL(verdicts[3], CHAIN_OTHER_DATA);
}

static void a_partial_needs_its_parent_in_the_directory(void)
{
    judge((struct chain){ LINKS({ "a", "none", "none", 0, false }, { "p", "a", "d", 0, true },
                                { "q", "none", "d", 0, true }, { "r", "p", "d", 1, true }) });
    CHECK_EQUAL(verdicts[0], CHAIN_FIRST);
    CHECK_EQUAL(verdicts[1], CHAIN_LINKED);
    CHECK_EQUAL(verdicts[2], CHAIN_NO_PARENT);
    CHECK_EQUAL(verdicts[3], CHAIN_NO_PARENT); /* a partial is nobody's parent */
}

static void a_partial_does_not_make_others_younger(void)
{
    judge((struct chain){ LINKS({ "b", "a", "d", 1, false }, { "p", "a", "d", 0, true }) });
    CHECK_EQUAL(verdicts[0], CHAIN_FIRST);
    CHECK_EQUAL(verdicts[1], CHAIN_NO_PARENT);
}

static void what_could_not_be_read_may_be_the_parent(void)
{
    judge((struct chain){
        LINKS({ "a", "none", "none", 0, false }, { "c", "b", "d", 2, false }, { "d", "c", "e", 3, false }),
        .incomplete = true });
    CHECK_EQUAL(verdicts[0], CHAIN_FIRST);
    CHECK_EQUAL(verdicts[1], CHAIN_CANNOT_TELL);
    CHECK_EQUAL(verdicts[2], CHAIN_OTHER_DATA);
}

static void nothing_is_judged_of_nothing(void)
{
    judge((struct chain){ .n = 0 });
}

static void what_does_not_hold_has_a_reason(void)
{
    for (enum chain_verdict verdict = CHAIN_FIRST; verdict <= CHAIN_PARENT_PRUNED; verdict++)
        CHECK(!chain_reason(verdict));
    for (enum chain_verdict verdict = CHAIN_NO_PARENT; verdict <= CHAIN_CANNOT_TELL; verdict++)
        CHECK(chain_reason(verdict)[0]);
}

static void what_was_judged_has_a_word(void)
{
    CHECK(!chain_word(CHAIN_UNJUDGED));
    for (enum chain_verdict verdict = CHAIN_FIRST; verdict <= CHAIN_CANNOT_TELL; verdict++)
        CHECK(chain_word(verdict)[0]);
    CHECK_TEXT(chain_word(CHAIN_NO_PARENT), chain_word(CHAIN_OTHER_DATA));
}

int main(void)
{
    TEST(a_run_from_epoch_zero_holds_in_any_order);
    TEST(only_the_oldest_may_come_from_elsewhere);
    TEST(a_pruned_parent_is_known_from_its_tombstone);
    TEST(a_parent_must_be_of_an_earlier_epoch);
    TEST(a_parent_must_have_the_same_data_or_none);
    TEST(a_partial_needs_its_parent_in_the_directory);
    TEST(a_partial_does_not_make_others_younger);
    TEST(what_could_not_be_read_may_be_the_parent);
    TEST(nothing_is_judged_of_nothing);
    TEST(what_does_not_hold_has_a_reason);
    TEST(what_was_judged_has_a_word);
    return unit_finish();
}
