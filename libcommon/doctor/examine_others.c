/* Files that prove nothing and are not proven: pins, locks, what is being written, what was moved aside, strangers. */
#include "base/file.h"
#include "doctor/examine.h"
#include "format/pins.h"

#include <string.h>
#include <unistd.h>

/* Pins: a name of a checkpoint in each line. One that is not there is no mistake: it may be yet to come. */
static void examine_pins(const struct examination *run, struct finding *finding)
{
    struct pins pins;
    struct error error;

    if (pins_read(run->directory, &pins, &error))
        finding_error(finding, &error);
    for (size_t i = 0; i < pins.n; i++)
        if (!examine_find_epoch(run, RUN_CHECKPOINT, pins.epochs[i]))
            finding_note(finding, FINDING_PROVEN, "epoch-%04llu" CHECKPOINT_SUFFIX " %s",
                         (unsigned long long)pins.epochs[i],
                         examine_was_pruned(run, pins.epochs[i], NULL) ? "was pruned" : "is not there");
    finding_prove(finding);
    pins_free(&pins);
}

/* rote-train's own temporary file has no lock but the run's. */
static void examine_temporary(const struct examination *run, struct finding *finding)
{
    if (file_is_locked(finding->path) || (run->busy && strcmp(path_base(finding->path), ".rote-train.tmp") == 0))
        finding_note(finding, FINDING_KEPT, "a living process writes it");
    else
        finding_note(finding, FINDING_KEPT, "left by a process that was killed; rote-train removes it");
}

/* What is written in place must be in the directory itself. */
static void examine_written(struct finding *finding, const char *reason)
{
    char target[2];

    if (readlink(finding->path, target, sizeof target) >= 0) {
        finding_fail(finding, STATUS_DATA, "it is a symbolic link, and rote-train writes through none");
        finding->in_the_way = true;
    }
    finding_note(finding, FINDING_KEPT, "%s", reason);
}

static void examine_other(const struct examination *run, struct finding *finding)
{
    switch (finding->kind) {
    case RUN_PINS:
        examine_pins(run, finding);
        break;
    case RUN_LOCKED:
        examine_written(finding, run->busy ? "a living process holds it" : "no living process is seen to hold it");
        break;
    case RUN_LOGGED:
        examine_written(finding, "what was done, for people");
        break;
    case RUN_HELD:
        finding_note(finding, FINDING_KEPT, "the run is held: rote-train does nothing until --unhold");
        break;
    case RUN_NOTED:
        finding_note(finding, FINDING_KEPT, "what people say of the run");
        break;
    case RUN_TEMPORARY:
        examine_temporary(run, finding);
        break;
    case RUN_DAMAGED:
        finding_note(finding, FINDING_KEPT, "moved aside; nothing needs it");
        break;
    case RUN_UNKNOWN:
        finding_note(finding, FINDING_IGNORED, "not a file of a run");
        break;
    default:
        break;
    }
}

void examine_others(struct examination *run)
{
    for (size_t i = 0; i < run->findings->n; i++)
        if (!run->findings->at[i]->status)
            examine_other(run, run->findings->at[i]);
}
