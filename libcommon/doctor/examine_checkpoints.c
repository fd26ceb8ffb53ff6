/* Checkpoints, partial ones and tombstones: the chain as rote-train goes along it. */
#include "base/file.h"
#include "base/memory.h"
#include "doctor/examine.h"
#include "doctor/proof.h"
#include "format/run_files.h"

#include <stdlib.h>
#include <string.h>

static void prove_files(struct examination *run)
{
    for (size_t i = 0; i < run->findings->n; i++) {
        struct finding *finding = run->findings->at[i];
        enum status status;
        if ((finding->kind != RUN_CHECKPOINT && finding->kind != RUN_PARTIAL) || finding->status)
            continue;
        proof_of_file(finding);
        status = finding->status;
        if (examine_is_gone(run, finding, status))
            i--;
        else
            proof_of_name(finding);
    }
}

/* What the successors of the run's first checkpoint, and the tombstones, know of its digest: do some of them say
   `root`, do any say something? */
static bool is_root_known(const struct examination *run, bool *any)
{
    const uint64_t first = run->conf.first, second = first + run->conf.save_every;
    bool confirmed = false;

    *any = false;
    for (size_t i = 0; i < run->findings->n; i++) {
        const struct finding *finding = run->findings->at[i];
        if (finding->kind == RUN_CHECKPOINT && finding->state == FINDING_PROVEN && finding->epoch == second) {
            *any = true;
            confirmed |= strcmp(finding->claims.parent, run->root) == 0;
        }
    }
    for (size_t i = 0; i < run->tombstones.n; i++) {
        const struct tombstone *tombstone = &run->tombstones.at[i];
        if (tombstone->epoch == first || tombstone->epoch == second) {
            *any = true;
            confirmed |= strcmp(tombstone->epoch == first ? tombstone->digest : tombstone->parent, run->root) == 0;
        }
    }
    return confirmed;
}

/* Is the run's first checkpoint, there or not, the one that run.conf and net.model make? If the file alone says no, it
 * is wrong.
 */
static void prove_first(struct examination *run)
{
    struct finding *first = examine_find_epoch(run, RUN_CHECKPOINT, run->conf.first);
    bool any, confirmed, there = first && first->state == FINDING_PROVEN;

    if (!*run->root)
        return;
    confirmed = is_root_known(run, &any);
    if (there && strcmp(first->claims.digest, run->root) == 0)
        confirmed = true;
    else if (there && (confirmed || !any)) {
        finding_fail(first, STATUS_NO, "it is not what run.conf and net.model make");
        first->in_the_way = true;
    }
    run->beginning = confirmed ? BEGINNING_PROVEN : any ? BEGINNING_DIFFERS : BEGINNING_UNKNOWN;
}

static bool is_of_grid(const struct examination *run, uint64_t epoch)
{
    return run->has_conf && epoch >= run->conf.first && epoch % run->conf.save_every == 0;
}

/* Is the digest that a checkpoint of this epoch names as its parent's that of the one `save-every` epochs before, as
   far as that is known? */
static bool follows(const struct examination *run, uint64_t epoch, const char *parent, bool *known)
{
    uint64_t from = epoch - run->conf.save_every;
    const struct finding *before = examine_proven(run, from);

    *known = before || examine_was_pruned(run, from, NULL);
    return before ? strcmp(before->claims.digest, parent) == 0 : !*known || examine_was_pruned(run, from, parent);
}

/* Judge the chain. rote-train asks for the very one that is `save-every` epochs before; what the chain refuses though
   that is there, rote-train would take. */
static void prove_chain(struct examination *run)
{
    size_t n = run->findings->n;
    bool *whole = memory_new(n, sizeof *whole);

    for (size_t i = 0; i < n; i++)
        whole[i] = run->findings->at[i]->known && run->findings->at[i]->state == FINDING_PROVEN;
    proof_of_chain(run->findings, &run->tombstones, !run->has_tombstones);
    for (size_t i = 0; i < n; i++) {
        struct finding *finding = run->findings->at[i];
        bool known, follow;
        if (!whole[i] || finding->epoch == run->conf.first || !is_of_grid(run, finding->epoch))
            continue;
        follow = follows(run, finding->epoch, finding->claims.parent, &known);
        if (!follow)
            finding_fail(finding, STATUS_NO, "it does not come from epoch-%04llu" CHECKPOINT_SUFFIX,
                         (unsigned long long)(finding->epoch - run->conf.save_every));
        finding->in_the_way = finding->state == FINDING_DIFFERS && known && follow;
    }
    free(whole);
}

/* A partial checkpoint is of use while its epoch is not finished. */
static void judge_partials(struct examination *run)
{
    for (size_t i = 0; i < run->findings->n; i++) {
        struct finding *finding = run->findings->at[i];
        if (finding->kind == RUN_PARTIAL && finding->state == FINDING_PROVEN && is_of_grid(run, finding->epoch) &&
            (examine_proven(run, finding->epoch) || examine_was_pruned(run, finding->epoch, NULL)))
            finding_note(finding, FINDING_PROVEN, "its epoch is finished; rote-train removes it");
    }
}

static enum status contradict(const struct examination *run, const struct tombstone *tombstone, struct error *error)
{
    const struct finding *there = examine_proven(run, tombstone->epoch);
    unsigned long long epoch = tombstone->epoch;
    uint64_t named;
    bool known;

    if (!run_checkpoint_name(tombstone->path, &named) || named != tombstone->epoch)
        return error_set(error, STATUS_DATA, "the checkpoint of epoch %llu has another name", epoch);
    if (there && strcmp(there->claims.digest, tombstone->digest) != 0)
        return error_set(error, STATUS_NO, "it has another digest of epoch %llu than the file that is there", epoch);
    if (epoch > run->conf.first && is_of_grid(run, epoch) && !follows(run, epoch, tombstone->parent, &known))
        return error_set(error, STATUS_NO, "its epoch %llu does not come from the one before", epoch);
    for (size_t i = 0; i < run->tombstones.n; i++)
        if (run->tombstones.at[i].epoch == tombstone->epoch &&
            strcmp(run->tombstones.at[i].digest, tombstone->digest) != 0)
            return error_set(error, STATUS_NO, "it has two digests of epoch %llu", epoch);
    return STATUS_OK;
}

/* A rerun moves aside no such file, and without it trains again what was pruned. */
static void fail(struct finding *finding, const struct error *error)
{
    finding_error(finding, error);
    finding->in_the_way = true;
}

static void read_tombstones(struct examination *run)
{
    struct finding *finding = examine_find(run, RUN_TOMBSTONES);
    struct error error;

    if (finding && finding->status)
        return;
    run->has_tombstones = tombstones_read(run->directory, &run->tombstones, &error) == STATUS_OK;
    if (run->has_tombstones)
        return;
    tombstones_free(&run->tombstones);
    if (!finding)
        finding = findings_add(run->findings, path_join(run->directory, RUN_PRUNED), RUN_TOMBSTONES);
    fail(finding, &error);
}

static void judge_tombstones(struct examination *run)
{
    struct finding *finding = examine_find(run, RUN_TOMBSTONES);
    struct error error;

    for (size_t i = 0; finding && i < run->tombstones.n; i++) {
        const struct tombstone *tombstone = &run->tombstones.at[i];
        if (contradict(run, tombstone, &error))
            fail(finding, &error);
        else if (examine_proven(run, tombstone->epoch))
            finding_note(finding, FINDING_PROVEN, "%s, which it has, is still there: ckpt-prune was interrupted",
                         tombstone->path);
    }
    if (finding && run->has_tombstones)
        finding_prove(finding);
}

static int compare_epochs(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

    return (a > b) - (a < b);
}

/* The epochs of which there is a checkpoint, a tombstone or, as far as the run goes, an evaluation; ascending. */
static uint64_t *list_epochs(const struct examination *run, size_t *n)
{
    uint64_t *epochs = NULL;

    *n = 0;
    for (size_t i = 0; i < run->findings->n; i++) {
        const struct finding *finding = run->findings->at[i];
        if (finding->kind == RUN_CHECKPOINT && is_of_grid(run, finding->epoch)) {
            epochs = memory_grow(epochs, *n, sizeof *epochs);
            epochs[(*n)++] = finding->epoch;
        }
    }
    for (size_t i = 0; i < run->tombstones.n; i++)
        if (is_of_grid(run, run->tombstones.at[i].epoch)) {
            epochs = memory_grow(epochs, *n, sizeof *epochs);
            epochs[(*n)++] = run->tombstones.at[i].epoch;
        }
    if (*n)
        qsort(epochs, *n, sizeof *epochs, compare_epochs);
    return epochs;
}

/* The epochs from `first` to `last` are not there: one finding for all. */
static void miss(struct examination *run, uint64_t first, uint64_t last)
{
    uint64_t more = (last - first) / run->conf.save_every;
    char *name = memory_format("epoch-%04llu" CHECKPOINT_SUFFIX, (unsigned long long)first);
    char *why = more ? memory_format("it was not pruned, and later ones are there; so are the next %llu not",
                                     (unsigned long long)more)
                     : memory_string("it was not pruned, and later ones are there");

    examine_miss(run, name, why);
    free(name);
    free(why);
}

static uint64_t newest_evaluation(const struct examination *run)
{
    uint64_t newest = 0;

    for (size_t i = 0; i < run->findings->n; i++) {
        const struct finding *finding = run->findings->at[i];
        if (finding->kind == RUN_EVALUATION && is_of_grid(run, finding->epoch) && finding->epoch <= run->conf.epochs &&
            finding->epoch > newest)
            newest = finding->epoch;
    }
    return newest;
}

static void find_missing(struct examination *run)
{
    size_t n;
    uint64_t *epochs = list_epochs(run, &n), next = run->conf.first, evaluated = newest_evaluation(run);
    bool ended = false; /* after the greatest number there is none */

    for (size_t i = 0; i < n && !ended; i++) {
        if (epochs[i] > next)
            miss(run, next, epochs[i] - run->conf.save_every);
        run->newest = epochs[i];
        ended = epochs[i] > UINT64_MAX - run->conf.save_every;
        next = epochs[i] + run->conf.save_every;
    }
    if (!ended && evaluated >= next && evaluated > 0) {
        miss(run, next, evaluated);
        run->newest = evaluated;
    }
    free(epochs);
}

void examine_checkpoints(struct examination *run)
{
    prove_files(run);
    read_tombstones(run);
    prove_first(run);
    prove_chain(run);
    judge_partials(run);
    judge_tombstones(run);
    if (run->has_conf && run->has_tombstones)
        find_missing(run);
}
