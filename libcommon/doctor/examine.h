/*
 * A run under examination: what is known of it, and the parts that find it out, one after the other.
 */
#ifndef DOCTOR_EXAMINE_H
#define DOCTOR_EXAMINE_H

#include "base/text.h"
#include "doctor/finding.h"
#include "format/run_conf.h"
#include "format/tombstones.h"
#include "net/plan.h"

enum { EXAMINE_TRAIN, EXAMINE_VALID, EXAMINE_TEST, EXAMINE_SPLITS };

/* What data.tsv says of a set. */
struct described {
    bool there;
    uint64_t count;
    char digest[DIGEST_SIZE];
};

/* In the order in which it is found out. */
struct examination {
    const char *directory;
    struct findings *findings;
    struct text names; /* of all that was in the directory, in its order, each with a NUL behind it */
    size_t sorted;     /* so many of them are in order, by kind, then epoch */
    bool busy; /* a process works on the run, or did since its directory was listed: what is not there yet may be in
                  the making */
    bool held; /* rote-train does nothing until it is told so */

    bool has_conf; /* run.conf could be read: */
    struct run_conf conf;
    struct model *model; /* what net.model and run.conf make; NULL if they make none */
    struct plan *plan;
    char root[DIGEST_SIZE]; /* the digest of the first checkpoint that they make; "" if it could not be made */
    enum { BEGINNING_UNKNOWN, BEGINNING_PROVEN, BEGINNING_DIFFERS } beginning; /* do the checkpoints know it? */

    const struct checkpoint *witness; /* what does, if it differs */
    uint64_t last;                    /* how far rote-train goes on: to epochs, or where patience ends it */

    bool has_tombstones;
    struct tombstones tombstones;
    uint64_t newest; /* epoch of which something is there */

    bool has_described; /* data.tsv could be read and, once the data is looked at, is not known to be wrong */
    struct described described[EXAMINE_SPLITS];
};

extern const char *const examine_splits[EXAMINE_SPLITS];

/* Add what is found of the run in `directory`, as doctor.h says. The status is other than 0 only if the directory
   itself cannot be read. */
enum status examine_run(const char *directory, struct findings *findings, struct error *error);

/* The finding of a kind, the first or that of an epoch, or NULL. */
struct finding *examine_find(const struct examination *run, enum run_kind kind);
struct finding *examine_find_epoch(const struct examination *run, enum run_kind kind, uint64_t epoch);

/* The finding of this name; one that is not there becomes a missing one, with why it should be. */
struct finding *examine_find_name(const struct examination *run, const char *name);
struct finding *examine_miss(struct examination *run, const char *name, const char *why);

/* The checkpoint of this epoch if it is proven, or NULL; and whether a tombstone tells of this epoch, with this digest
   or, where that is NULL, with any. */
const struct finding *examine_proven(const struct examination *run, uint64_t epoch);
bool examine_was_pruned(const struct examination *run, uint64_t epoch, const char *digest);

/* Is a file that was listed gone by now? Then somebody finished it, or removed it: it is taken out of the findings. */
bool examine_is_gone(struct examination *run, struct finding *finding, enum status status);

/* Record why what a file would be proven by cannot be had: if it is not there, or no good, that is no damage to the
   run; if it cannot be told, nothing is. */
void examine_cannot_prove(struct finding *finding, const struct error *error);

/* The parts. examine_settings: run.conf and net.model by themselves, and the beginning that they make. */
void examine_settings(struct examination *run);
void examine_checkpoints(struct examination *run);
void examine_beginning(struct examination *run);
void examine_data(struct examination *run);
enum status examine_evaluations(struct examination *run, struct error *error); /* the status of examine_again */
void examine_others(struct examination *run);

/* Once all is read that is held against what was listed: has somebody worked on the run meanwhile? Then it is busy. The
   status is other than 0 if the directory cannot be read. */
enum status examine_again(struct examination *run, struct error *error);

#endif
