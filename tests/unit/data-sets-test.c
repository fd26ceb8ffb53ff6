/* Data sets that are kept: which of them make way for others. Nothing is there to be read, which changes nothing of it.
 */
#include "doctor/data_sets.h"

#include "unit.h"

static void a_set_that_was_asked_for_again_outlasts_those_before_it(void)
{
    struct data_sets sets = { 0 };
    const struct data_set *first = data_sets_read(&sets, "no-a");

    CHECK_EQUAL(first->error.status, STATUS_NO_INPUT);
    data_sets_read(&sets, "no-b");
    data_sets_read(&sets, "no-c");
    CHECK(data_sets_read(&sets, "no-a") == first);
    data_sets_read(&sets, "no-d");
    data_sets_read(&sets, "no-e");
    CHECK_TEXT(first->operand, "no-a");
    data_sets_read(&sets, "no-f");
    CHECK_TEXT(first->operand, "no-f");
    data_sets_free(&sets);
}

int main(void)
{
    TEST(a_set_that_was_asked_for_again_outlasts_those_before_it);
    return unit_finish();
}
