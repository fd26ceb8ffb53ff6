/* data.tsv and the lists: held against the checkpoints and, where it is there, the data. */
#include "base/file.h"
#include "base/memory.h"
#include "base/number.h"
#include "data/split.h"
#include "doctor/data_sets.h"
#include "doctor/examine.h"
#include "format/idx.h"

#include <stdlib.h>
#include <string.h>

struct list {
    uint32_t *at;
    size_t n;
};

/* The data set, and what belongs to a run on it. */
struct evidence {
    struct data_set *data;
    struct list made[2]; /* what seed, val and samples make: train, valid; NULL: all samples, or none at all */
    struct list read[2]; /* what the files say; NULL where there is none, or it is wrong */
    struct finding *files[2];
};

static bool read_row(const struct record *record, struct described *row)
{
    const char *count = record_get(record, "count"), *digest = record_get(record, "digest");

    if (row->there || !count || !digest || !digest_is_hex(digest) || !number_u64(count, &row->count))
        return false;
    strcpy(row->digest, digest);
    row->there = true;
    return true;
}

static bool read_rows(struct examination *run, const struct records *records)
{
    for (size_t i = 0; i < records->n; i++) {
        const char *name = record_get(&records->record[i], "split");
        size_t split = 0;
        while (name && split < EXAMINE_SPLITS && strcmp(name, examine_splits[split]) != 0)
            split++;
        if (!name || split == EXAMINE_SPLITS || !read_row(&records->record[i], &run->described[split]))
            return false;
    }
    return run->described[EXAMINE_TRAIN].there;
}

/* data.tsv by itself. */
static struct finding *read_description(struct examination *run)
{
    struct finding *finding = examine_find(run, RUN_DESCRIPTION);
    struct records records = { 0 };
    struct error error;

    if (!finding)
        return examine_miss(run, RUN_DATA, "a run has the digests of its data");
    if (finding->status)
        return finding;
    if (records_read_regular(&records, finding->path, &error))
        finding_error(finding, &error);
    else if (!read_rows(run, &records))
        finding_fail(finding, STATUS_DATA,
                     "it does not tell of the set train, or tells of a set what cannot be, or twice");
    run->has_described = !finding->status;
    records_free(&records);
    return finding;
}

/* The digest of the training set as the checkpoints have it, or NULL. */
static const char *trained_on(const struct examination *run)
{
    for (size_t i = 0; i < run->findings->n; i++) {
        const struct finding *finding = run->findings->at[i];
        if (finding->known && finding->state == FINDING_PROVEN && digest_is_hex(finding->claims.data))
            return finding->claims.data;
    }
    for (size_t i = 0; i < run->tombstones.n; i++)
        if (digest_is_hex(run->tombstones.at[i].data))
            return run->tombstones.at[i].data;
    return NULL;
}

/* Split `from` (NULL: all of the set) into parts as rote-train has idx-split do it; takes over what is in `from`. */
static bool split(const struct evidence *evidence, uint64_t seed, char *const *words, size_t n, struct list *from,
                  struct list *to)
{
    struct split_rule rule = { seed, SPLIT_STRATIFIED };
    struct split_part parts[2] = { 0 };
    size_t count = from->at ? from->n : evidence->data->set.count;
    uint16_t *labels = memory_new(count, sizeof *labels);
    bool done = true;

    for (size_t i = 0; i < count; i++)
        labels[i] = evidence->data->set.labels[from->at ? from->at[i] : i];
    for (size_t i = 0; i < n && done; i++)
        done = !split_parse(words[i], &parts[i], NULL);
    done = done && !split_decide(&rule, labels, count, parts, n, NULL);
    for (size_t part = 0; part < n && done; part++) {
        to[part] = (struct list){ memory_new(parts[part].n, sizeof(uint32_t)), parts[part].n };
        for (size_t i = 0; i < parts[part].n; i++)
            to[part].at[i] = from->at ? from->at[parts[part].list[i]] : parts[part].list[i];
    }
    split_free(parts, n);
    free(labels);
    return done;
}

static bool make_lists(const struct run_conf *conf, struct evidence *evidence)
{
    char *valid = memory_format("valid=%s", conf->val), *samples = memory_format("train=%s", conf->samples);
    char *held_out[] = { "train=rest", valid }, *some[] = { samples };
    struct list all = { 0 };
    bool done = strcmp(conf->val, "0") == 0 || split(evidence, conf->seed, held_out, 2, &all, evidence->made);

    if (done && *conf->samples) {
        all = evidence->made[EXAMINE_TRAIN];
        evidence->made[EXAMINE_TRAIN] = (struct list){ 0 };
        done = split(evidence, conf->seed, some, 1, &all, evidence->made);
        free(all.at);
    }
    free(valid);
    free(samples);
    return done;
}

static void digest_of(const struct evidence *evidence, const struct list *list, char digest[DIGEST_SIZE])
{
    data_set_digest(evidence->data, list->at, list->n, digest);
}

/* Numbers that ascend, as many as data.tsv says: what can be told of a list without the data. */
static void check_list(const struct examination *run, struct finding *finding, size_t split, struct list *list)
{
    const struct described *described = &run->described[split];
    struct error error;

    if (idx_read_list(finding->path, UINT32_MAX, &list->at, &list->n, &error)) {
        finding_error(finding, &error);
        return;
    }
    for (size_t i = 1; i < list->n; i++)
        if (list->at[i] <= list->at[i - 1]) {
            finding_fail(finding, STATUS_DATA, "line %zu: it does not ascend", i + 1);
            return;
        }
    if (run->has_described && (!described->there || described->count != list->n))
        finding_fail(finding, STATUS_NO, "it names %zu samples, and data.tsv tells of %llu", list->n,
                     (unsigned long long)described->count);
}

/* Nothing that is held out is trained on. Both lists ascend. */
static void check_disjoint(struct evidence *evidence)
{
    const struct list *train = &evidence->read[EXAMINE_TRAIN], *valid = &evidence->read[EXAMINE_VALID];

    for (size_t i = 0, j = 0; i < train->n && j < valid->n;) {
        if (train->at[i] == valid->at[j]) {
            for (size_t file = 0; file < 2; file++)
                finding_fail(evidence->files[file], STATUS_NO, "sample %u is in both lists", train->at[i]);
            return;
        }
        if (train->at[i] < valid->at[j])
            i++;
        else
            j++;
    }
}

/* The list files, as far as they can be judged by themselves. */
static void read_lists(struct examination *run, struct evidence *evidence)
{
    static const char *const names[] = { RUN_TRAIN_LIST, RUN_VALID_LIST };
    bool held_out = strcmp(run->conf.val, "0") != 0, wanted[] = { held_out || *run->conf.samples, held_out };

    for (size_t i = 0; i < 2; i++) {
        struct finding *finding = examine_find_name(run, names[i]);
        evidence->files[i] = finding;
        if (!finding && wanted[i])
            evidence->files[i] = examine_miss(run, names[i], "val and samples ask for it");
        else if (finding && !wanted[i] && !finding->status) {
            finding_fail(finding, STATUS_NO, "neither val nor samples asks for it");
            finding->in_the_way = true;
        } else if (finding && !finding->status)
            check_list(run, finding, i, &evidence->read[i]);
        if (finding && finding->status) {
            free(evidence->read[i].at);
            evidence->read[i] = (struct list){ 0 };
        }
    }
    check_disjoint(evidence);
}

/* What cannot be proven because the data is not there, or is not the run's. */
static void keep(const struct evidence *evidence, struct finding *description, const char *reason)
{
    finding_note(description, FINDING_KEPT, "%s", reason);
    for (size_t i = 0; i < 2; i++)
        if (evidence->files[i])
            finding_note(evidence->files[i], FINDING_KEPT, "%s", reason);
}

/* What none of the comparisons objected to. */
static void prove(const struct evidence *evidence, struct finding *description)
{
    finding_prove(description);
    for (size_t i = 0; i < 2; i++)
        if (evidence->files[i])
            finding_prove(evidence->files[i]);
}

/* A list is proven if it is the one that is made. */
static void compare_lists(const struct evidence *evidence)
{
    for (size_t i = 0; i < 2; i++) {
        const struct list *read = &evidence->read[i], *made = &evidence->made[i];
        if (read->at && (read->n != made->n || memcmp(read->at, made->at, made->n * sizeof *made->at) != 0))
            finding_fail(evidence->files[i], STATUS_NO, "it is not what the labels, seed, val and samples make");
    }
}

/* A row of data.tsv is proven by the data. */
static void compare_row(const struct examination *run, struct finding *finding, size_t split, const char *digest,
                        size_t count)
{
    const struct described *described = &run->described[split];

    if (described->there && (described->count != count || strcmp(described->digest, digest) != 0))
        finding_fail(finding, STATUS_NO, "the set %s has another size or digest", examine_splits[split]);
}

/* The data that run.conf names: relative to the run, should it not be absolute. */
static char *operand_of(const struct examination *run, const char *prefix)
{
    char *data = *run->conf.data == '/' ? memory_string(run->conf.data) : path_join(run->directory, run->conf.data);
    char *operand = path_join(data, prefix);

    free(data);
    return operand;
}

/* The test set is in files of its own, of either name. */
static void compare_test(const struct examination *run, struct data_sets *sets, struct finding *finding)
{
    static const char *const names[] = { "test@", "t10k@" };
    const struct error *error = NULL;

    for (size_t i = 0; i < 2 && (!error || error->status == STATUS_NO_INPUT); i++) {
        char *operand = operand_of(run, names[i]), digest[DIGEST_SIZE];
        struct data_set *set = data_sets_read(sets, operand);
        error = &set->error;
        if (!error->status) {
            data_set_digest(set, NULL, 0, digest);
            compare_row(run, finding, EXAMINE_TEST, digest, set->set.count);
        }
        free(operand);
    }
    if (error->status)
        examine_cannot_prove(finding, error);
}

/* The set is there: is it the run's? Only then it tells anything of lists and of data.tsv. If what run.conf makes of it
   is not what was trained on, but what the list says is, then run.conf was changed. */
static void judge_by_data(const struct examination *run, struct data_sets *sets, struct evidence *evidence,
                          struct finding *description)
{
    const struct list *list = &evidence->read[EXAMINE_TRAIN];
    const char *trained = trained_on(run);
    char made[DIGEST_SIZE] = "", read[DIGEST_SIZE] = "", valid[DIGEST_SIZE];
    bool is_made = make_lists(&run->conf, evidence);

    if (!trained && run->has_described)
        trained = run->described[EXAMINE_TRAIN].digest;
    if (is_made)
        digest_of(evidence, &evidence->made[EXAMINE_TRAIN], made);
    if (trained && strcmp(made, trained) == 0) {
        compare_lists(evidence);
        compare_row(run, description, EXAMINE_TRAIN, made,
                    evidence->made[EXAMINE_TRAIN].at ? evidence->made[EXAMINE_TRAIN].n : evidence->data->set.count);
        if (evidence->made[EXAMINE_VALID].at) {
            digest_of(evidence, &evidence->made[EXAMINE_VALID], valid);
            compare_row(run, description, EXAMINE_VALID, valid, evidence->made[EXAMINE_VALID].n);
        }
        compare_test(run, sets, description);
        prove(evidence, description);
        return;
    }
    if (list->at && list->at[list->n - 1] < evidence->data->set.count)
        digest_of(evidence, list, read);
    if (trained && strcmp(read, trained) == 0)
        finding_fail(examine_find(run, RUN_SETTINGS), STATUS_NO, "its seed, val or samples make other lists");
    keep(evidence, description, "the data that run.conf names is not what the run began with");
}

/* data.tsv against the checkpoints. */
static void compare_trained(const struct examination *run, struct finding *description)
{
    const char *trained = trained_on(run);

    if (run->has_described && trained && strcmp(trained, run->described[EXAMINE_TRAIN].digest) != 0)
        finding_fail(description, STATUS_NO, "the set train has another digest than in the checkpoints");
}

static void look_at_data(struct examination *run, struct data_sets *sets, struct finding *description)
{
    struct evidence evidence = { .data = NULL };
    char *operand = operand_of(run, "train@");

    evidence.data = data_sets_read(sets, operand);
    read_lists(run, &evidence);
    if (!evidence.data->error.status) {
        judge_by_data(run, sets, &evidence, description);
    } else {
        examine_cannot_prove(description, &evidence.data->error);
        keep(&evidence, description, evidence.data->error.text);
    }
    for (size_t i = 0; i < 2; i++) {
        free(evidence.made[i].at);
        free(evidence.read[i].at);
    }
    free(operand);
}

void examine_data(struct examination *run)
{
    struct finding *description = read_description(run);
    struct data_sets own = { .asked = 0 };

    compare_trained(run, description);
    if (!run->has_conf)
        return;
    look_at_data(run, run->findings->sets ? run->findings->sets : &own, description);
    run->has_described = !description->status;
    data_sets_free(&own);
}
