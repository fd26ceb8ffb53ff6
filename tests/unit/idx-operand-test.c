/* format/idx.h: how a data set is named. */
#include "format/idx.h"

#include "unit.h"

#include <stdlib.h>
#include <string.h>

static void check_operand(const char *operand, const char *prefix, const char *list)
{
    char *its_prefix, *its_list;

    idx_operand(operand, &its_prefix, &its_list);
    CHECK_TEXT(its_prefix, prefix);
    CHECK(list ? its_list && strcmp(its_list, list) == 0 : !its_list);
    free(its_prefix);
    free(its_list);
}

static void the_last_at_sign_begins_the_list(void)
{
    check_operand("data/train", "data/train", NULL);
    check_operand("data/train@", "data/train", NULL);
    check_operand("data/train@a/b.list", "data/train", "a/b.list");
    check_operand("me@home/train@", "me@home/train", NULL);
    check_operand("me@home/train@list", "me@home/train", "list");
}

int main(void)
{
    TEST(the_last_at_sign_begins_the_list);
    return unit_finish();
}
