/*
 * Checkpoints: a whole state of training in a safetensors file that proves itself. rote-checkpoint(5) is the format.
 *
 *     struct checkpoint *checkpoint;
 *     struct error error;
 *     if (checkpoint_read(path, &checkpoint, &error))
 *         die_error(&error);
 *     ...
 *     checkpoint_free(checkpoint);
 *
 * What a checkpoint says is here; whether its tensors fit its model text is train/state.h's question.
 */
#ifndef FORMAT_CHECKPOINT_H
#define FORMAT_CHECKPOINT_H

#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/output.h"
#include "format/safetensors.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CHECKPOINT_FORMAT "rote-checkpoint-1"
#define CHECKPOINT_ARITHMETIC "1" /* the version of rote-arithmetic(7) */
#define CHECKPOINT_NONE "none"    /* a digest or class that is not there yet */
#define CHECKPOINT_SUFFIX ".safetensors"
#define CHECKPOINT_PARTIAL_SUFFIX ".part" /* after the name that the finished one will have */

enum { CHECKPOINT_CLASS_SIZE = 128 };

/* How training went over the epoch that made this checkpoint (in a partial: so far). All three read back exactly as
   they were written. */
struct checkpoint_progress {
    double loss;      /* finite. Finished: mean per sample; partial: sum over samples */
    uint64_t correct; /* samples whose largest logit was that of their label, before the step that used them */
    uint64_t samples; /* 0: nothing was trained; below 2^52 */
};

struct checkpoint {
    char digest[DIGEST_SIZE]; /* of the file as read; checkpoint_write() and checkpoint_seal() fill it in */
    char parent[DIGEST_SIZE]; /* the digest of the checkpoint it was trained from, or "none" */
    char data[DIGEST_SIZE];   /* the digest of the training set, or "none" */
    const char *model;        /* the model text, expanded and canonical */
    char class[CHECKPOINT_CLASS_SIZE];
    uint64_t seed, epoch,
        step;       /* epochs and steps finished; in a partial, steps count those of the unfinished epoch too */
    uint64_t batch; /* 0, or the batches done of the epoch after `epoch`: then it is a partial */
    struct checkpoint_progress progress;
    struct safetensors_tensor *tensors;
    size_t tensor_count;
    float *values;                    /* all tensors; NULL where only the header was read */
    struct checkpoint_memory *memory; /* what the above lives in when it was read */
};

/*
 * Read and prove a checkpoint ("-" is stdin): 0 only if the header is canonical and the digest is that of the bytes.
 * 65: not a checkpoint, cut short, of another format or arithmetic; 1: it is one, but the digest differs; 66: not
 * there; 74, 71: cannot tell.
 * The caller frees *result, also where that is set with status 1 (what it claims, for a report).
 */
enum status checkpoint_read(const char *path, struct checkpoint **result, struct error *error);

/* The same of the bytes of a file, which was read for the purpose: takes them over, also on error. */
enum status checkpoint_parse(struct bytes *bytes, const char *path, struct checkpoint **result, struct error *error);

/* Prove it as checkpoint_read() does, without keeping its tensors: a regular file goes by a block at a time. *finite is
   how many of its values come before the first that is not finite, of all tensors as they lie in the file. */
enum status checkpoint_prove(const char *path, struct checkpoint **result, size_t *finite, struct error *error);

/* Read the header only, of any arithmetic: a few kilobytes, and no proof of anything. */
enum status checkpoint_read_header(const char *path, struct checkpoint **result, struct error *error);

/* Does the file say that it is a checkpoint, be it of another version? */
bool checkpoint_is_of_family(const struct safetensors *file);

/* Is the file a checkpoint of another format or arithmetic than this program's, as far as its header says? Then nobody
   here can tell whether it is intact. */
bool checkpoint_is_foreign(const char *path);

/* Free one that was read. */
void checkpoint_free(struct checkpoint *checkpoint);

/* Is a checkpoint of this name or path, as far as that says, a partial one? */
bool checkpoint_is_partial_name(const char *name);

/* What an operand stands for: a directory for the checkpoints in it, sorted by name, those of CHECKPOINT_FINISHED
   first; anything else for itself. 66: a directory that has none. Free with checkpoint_files_free(), also on error. */
enum checkpoint_kind { CHECKPOINT_FINISHED = 1, CHECKPOINT_PARTIAL = 2 };

struct checkpoint_files {
    char **paths;
    size_t count;
    bool in_directory;
};

enum status checkpoint_files(const char *operand, unsigned kinds, struct checkpoint_files *files, struct error *error);
void checkpoint_files_free(struct checkpoint_files *files);

/* Write a checkpoint whole or not at all; fills in checkpoint->digest. Offsets of the tensors are not looked at:
   `values` holds them behind one another. Ends the program on error. */
void checkpoint_write(struct checkpoint *checkpoint, const char *path, enum output_mode mode);

/* Fill in checkpoint->digest with that of the file that checkpoint_write() would write. */
void checkpoint_seal(struct checkpoint *checkpoint);

#endif
