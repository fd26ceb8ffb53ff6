/* run.conf and net.model: what they make, and whether the run began with it. */
#include "base/file.h"
#include "base/memory.h"
#include "doctor/examine.h"
#include "train/initial.h"

#include <stdlib.h>
#include <string.h>

static void read_settings(struct examination *run)
{
    struct finding *finding = examine_find(run, RUN_SETTINGS);
    struct error error;

    if (!finding)
        finding = examine_miss(run, RUN_CONF, "it was there a moment ago");
    if (finding->status)
        return;
    run->has_conf = run_conf_read(finding->path, &run->conf, &error) == STATUS_OK;
    if (!run->has_conf) {
        run_conf_free(&run->conf);
        finding_error(finding, &error);
    }
}

/* What is wrong with the model as run.conf sets it: status 64 is a setting that it does not have. */
static void blame(struct examination *run, struct finding *network, const struct error *error)
{
    if (error->status == STATUS_USAGE)
        finding_fail(examine_find(run, RUN_SETTINGS), STATUS_DATA, "%s", error->text);
    else
        finding_error(network, error);
}

static void read_network(struct examination *run)
{
    struct finding *finding = examine_find(run, RUN_NETWORK);
    struct error error;
    char *text = NULL;

    if (!finding)
        finding = examine_miss(run, RUN_MODEL, "a run has its model text");
    if (finding->status)
        return;
    if (model_read_text(finding->path, &text, &error))
        finding_error(finding, &error);
    else if (run->has_conf && plan_parse(text, finding->path, run->conf.settings, run->conf.setting_count, &run->model,
                                         &run->plan, &error))
        blame(run, finding, &error);
    free(text);
    if (run->plan && !run->conf.has_epochs)
        run->conf.epochs = run->plan->schedule.epochs;
}

/* What the checkpoint at `path` hands on: a fork all of it, else weights. */
static enum status begin_from(const struct examination *run, const char *path, struct state *state,
                              struct checkpoint *checkpoint, struct error *error)
{
    struct session from;
    enum status status = session_load(path, &from, error);

    if (status)
        return status;
    if (*run->conf.fork)
        status = initial_fork(run->plan, &from, path, state, checkpoint, error);
    for (size_t i = 0; i < run->plan->tensor_count && !*run->conf.fork; i++)
        initial_take(run->plan, i, &from, false, state);
    strcpy(checkpoint->parent, from.checkpoint->digest);
    session_free(&from);
    return status;
}

/* The digest of what nn-init would make. */
static void make_root(struct examination *run)
{
    struct state state = state_new(run->plan);
    struct checkpoint checkpoint = initial_checkpoint(run->model, run->conf.seed, &state);
    char *from = run_conf_beginning(&run->conf);
    struct error error;

    initial_state(run->plan, run->conf.seed, &state);
    if (from && begin_from(run, from, &state, &checkpoint, &error)) {
        examine_cannot_prove(examine_find(run, RUN_SETTINGS), &error);
    } else {
        state_tensors(run->plan, &checkpoint.tensors, &checkpoint.tensor_count);
        checkpoint_seal(&checkpoint);
        state_tensors_free(checkpoint.tensors, checkpoint.tensor_count);
        strcpy(run->root, checkpoint.digest);
    }
    free(from);
    state_free(&state);
}

void examine_settings(struct examination *run)
{
    read_settings(run);
    read_network(run);
    if (run->plan)
        make_root(run);
}

/* The checkpoints are proven, and not made by these two: which of them was changed? */
static void find_culprit(struct examination *run, struct finding *settings, struct finding *network)
{
    const struct checkpoint *witness = NULL;

    for (size_t i = 0; i < run->findings->n && !witness; i++)
        if (run->findings->at[i]->known && run->findings->at[i]->state == FINDING_PROVEN)
            witness = &run->findings->at[i]->claims;
    run->witness = witness;
    if (witness && witness->seed != run->conf.seed)
        finding_fail(settings, STATUS_NO, "its seed is %llu, and that of the checkpoints %llu",
                     (unsigned long long)run->conf.seed, (unsigned long long)witness->seed);
    else if (witness && strcmp(witness->model, run->model->text) == 0)
        finding_fail(settings, STATUS_NO, "its %s makes another beginning than that of the checkpoints",
                     *run->conf.fork ? "fork" : "init");
    else if (witness)
        finding_fail(network, STATUS_NO, "with run.conf it makes another model than that of the checkpoints");
    else
        finding_fail(settings, STATUS_NO, "with net.model it makes another beginning than that of pruned.tsv");
    if (witness && strcmp(witness->model, run->model->text) == 0)
        finding_prove(network);
}

void examine_beginning(struct examination *run)
{
    struct finding *settings = examine_find(run, RUN_SETTINGS), *network = examine_find(run, RUN_NETWORK);

    if (run->beginning == BEGINNING_DIFFERS)
        find_culprit(run, settings, network);
    for (size_t i = 0; i < 2; i++) {
        struct finding *finding = i ? network : settings;
        if (run->beginning == BEGINNING_PROVEN)
            finding_prove(finding);
        else if (finding->state == FINDING_UNJUDGED)
            finding_note(finding, FINDING_KEPT, "nothing is there that it could be proven by");
    }
}
