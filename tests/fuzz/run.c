/* A run directory without checkpoints: pins, tombstones, metrics, settings and an evaluation. */
#include "fuzz.h"

#include "base/digest.h"
#include "format/run_conf.h"
#include "format/run_evaluation.h"
#include "format/run_records.h"
#include "train/survey.h"

#include <string.h>

static void check_tombstones(const struct tombstones *tombstones)
{
    for (size_t i = 0; i < tombstones->n; i++)
        FUZZ_CHECK(digest_is_hex(tombstones->at[i].digest) && tombstones_have(tombstones, tombstones->at[i].digest));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_part part[5];
    struct runs runs = { (char *[]){ "." }, 1 };
    struct survey survey;
    struct run_conf conf;
    struct run_evaluation evaluation;
    struct records records = { 0 };
    struct tombstones tombstones;
    struct error error;

    fuzz_split(data, size, part, 5);
    fuzz_file("pinned", part[0]);
    fuzz_file("pruned.tsv", part[1]);
    fuzz_file("metrics.tsv", part[2]);
    fuzz_file("run.conf", part[3]);
    fuzz_file("epoch-0001.eval", part[4]);
    run_conf_read("run.conf", &conf, &error);
    run_conf_free(&conf);
    run_evaluation_read("epoch-0001.eval", 1, &evaluation, &error);
    run_evaluation_free(&evaluation);
    if (!tombstones_read(".", &tombstones, &error))
        check_tombstones(&tombstones);
    tombstones_free(&tombstones);
    if (!survey_make(&runs, PROOFS_WHOLE, 1, &survey, &error))
        FUZZ_CHECK(survey.n == 0);
    survey_free(&survey);
    run_records_read(".", &records, &error);
    for (size_t i = 0; i < records.n; i++)
        record_get_number(&records.record[i], "epoch");
    records_free(&records);
    return 0;
}
