/* A search that goes on: whatever a table and records hold, decisions on them are whole, and do not depend on the order
 * of the records. */
#include "fuzz.h"

#include "base/memory.h"
#include "policy/brackets.h"
#include "policy/trial_results.h"

#include <stdlib.h>
#include <string.h>

static void check_decisions(const struct bracket *bracket, const struct decision *decisions)
{
    size_t run = 0;

    for (size_t i = 0; i < bracket->trials; i++) {
        struct text text = { 0 };
        FUZZ_CHECK(decisions[i].rung < bracket->rungs);
        FUZZ_CHECK(!trial_state_word(decisions[i].state) == (decisions[i].state == TRIAL_AWAITS_BEGIN));
        FUZZ_CHECK(decisions[i].best <= decisions[i].of && decisions[i].of <= bracket->trials);
        halving_explain(bracket, &decisions[i], &text);
        FUZZ_CHECK(text.length);
        text_free(&text);
        run += decisions[i].state == TRIAL_RUN;
    }
    FUZZ_CHECK(run <= bracket->concurrent);
}

/* All decisions on what is known, one bracket after the other. */
static struct decision *decide(const struct search *search, const struct trial_results *results)
{
    struct decision *decisions = memory_new(search->trials, sizeof *decisions);
    struct bracket brackets[RUNGS_MOST];
    size_t n = search_brackets(search, brackets);

    for (size_t i = 0; i < n; i++) {
        struct outcome *outcomes = memory_new(brackets[i].trials * brackets[i].rungs, sizeof *outcomes);
        trial_results_outcomes(results, &brackets[i], BEST_SMALLEST, outcomes);
        halving_decide(&brackets[i], outcomes, decisions + brackets[i].first);
        check_decisions(&brackets[i], decisions + brackets[i].first);
        free(outcomes);
    }
    return decisions;
}

static void turn_round(struct records *records)
{
    for (size_t i = 0, j = records->n; i + 1 < j; i++) {
        struct record first = records->record[i];
        records->record[i] = records->record[--j];
        records->record[j] = first;
    }
}

static enum status judge(const struct trials *trials, const struct records *records, struct trial_results *results)
{
    struct error error;
    enum status status;

    *results = (struct trial_results){ .trials = trials, .key = "loss" };
    status = trial_results_add(results, records, "records", &error);
    return status ? status : trial_results_merge(results, &error);
}

static void check_search(const struct trials *trials, struct records *records, enum halving_kind kind)
{
    struct search search = { .rungs = { { 1, 2, 4 }, 3 },
                             .mode = SEARCH_CONSERVATIVE,
                             .divisor = 2,
                             .trials = trials->n,
                             .concurrent = 3,
                             .kind = kind };
    struct trial_results results, turned;
    struct decision *decisions, *again;

    if (judge(trials, records, &results) == STATUS_OK) {
        turn_round(records);
        FUZZ_CHECK(judge(trials, records, &turned) == STATUS_OK);
        decisions = decide(&search, &results);
        again = decide(&search, &turned);
        for (size_t i = 0; i < trials->n; i++)
            FUZZ_CHECK(decisions[i].state == again[i].state && decisions[i].rung == again[i].rung);
        free(decisions);
        free(again);
        trial_results_free(&turned);
    }
    trial_results_free(&results);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_part part[2];
    struct trials trials;
    struct records records = { 0 };
    struct error error;

    fuzz_split(data, size, part, 2);
    fuzz_file("trials.tsv", part[0]);
    fuzz_file("records", part[1]);
    if (!trials_read("trials.tsv", &trials, &error) && !records_read(&records, "records", &error)) {
        check_search(&trials, &records, HALVING_ASYNCHRONOUS);
        check_search(&trials, &records, HALVING_SYNCHRONOUS);
    }
    records_free(&records);
    trials_free(&trials);
    return 0;
}
