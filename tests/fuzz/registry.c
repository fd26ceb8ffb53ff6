/* What is read of each run of a list: run.conf, metrics.tsv, the end of the log, notes; and what such a list is
 * filtered by. */
#include "fuzz.h"

#include "registry/ending.h"
#include "registry/family.h"
#include "registry/table.h"

#include <stdlib.h>
#include <string.h>

static void check_summary(void)
{
    struct best_rule rule = { .key = BEST_KEY, .direction = BEST_LARGEST };
    struct summary summary;
    enum status status = summary_read(&summary, ".", &rule);

    FUZZ_CHECK(status == STATUS_OK || status == STATUS_DATA);
    FUZZ_CHECK((status == STATUS_OK) == (summary.state != SUMMARY_DAMAGED));
    FUZZ_CHECK(status == STATUS_OK || summary.reason.length);
    FUZZ_CHECK(!summary.has_best || summary.best_epoch <= summary.epoch);
    FUZZ_CHECK(!summary.tags.length || (summary.tags.at[0] != ' ' && !strpbrk(summary.tags.at, "\t\n,")));
    family_find(&summary, 1);
    FUZZ_CHECK(!summary.from);
    summary_free(&summary);
}

static void check_ending(struct fuzz_part part)
{
    char *text = fuzz_string(part);
    struct ending ending = ending_of_log(text);

    FUZZ_CHECK(!ending.reason || !strchr(ending.reason, '\n'));
    FUZZ_CHECK(!ending.reason || ending.kind == ENDING_STOPPED || ending.kind == ENDING_FAILED);
    free(ending.reason);
    free(text);
}

static void check_condition(struct fuzz_part part)
{
    char *text = fuzz_string(part);
    struct table_condition condition;
    struct table table = { 0 };

    if (table_condition_parse(text, &condition)) {
        table_row(&table);
        table_put(&table, condition.column, condition.value);
        table_keep(&table, &condition);
        FUZZ_CHECK(table.row_count <= 1);
        free(condition.column);
    }
    table_free(&table);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_part part[4];

    fuzz_split(data, size, part, 4);
    fuzz_file("run.conf", part[0]);
    fuzz_file("metrics.tsv", part[1]);
    fuzz_file("log", part[2]);
    fuzz_file("notes", part[3]);
    check_summary();
    check_ending(part[2]);
    check_condition(part[3]);
    return 0;
}
