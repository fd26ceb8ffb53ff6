#include "train/proofs.h"

#include "base/memory.h"
#include "base/size.h"
#include "base/threads.h"
#include "train/claims.h"

#include <stdlib.h>
#include <string.h>

struct proof {
    char *path;
    struct checkpoint claims;
    struct error *error; /* NULL: none */
    bool taken;
};

void proofs_add(struct proofs *proofs, char *path)
{
    proofs->at = memory_grow(proofs->at, proofs->n, sizeof *proofs->at);
    proofs->at[proofs->n++] = (struct proof){ .path = path };
}

static int compare_paths(const void *left, const void *right)
{
    const struct proof *a = left, *b = right;

    return strcmp(a->path, b->path);
}

static void look(void *context, size_t worker, size_t number)
{
    const struct proofs *proofs = context;
    struct proof *proof = &proofs->at[number];
    struct error error;

    (void)worker;
    if ((proofs->kind == PROOFS_WHOLE ? claims_prove : claims_read)(proof->path, &proof->claims, &error)) {
        proof->error = memory_new(1, sizeof error);
        *proof->error = error;
    }
}

void proofs_make(struct proofs *proofs)
{
    struct threads *workers;

    if (proofs->n == 0)
        return;
    qsort(proofs->at, proofs->n, sizeof *proofs->at, compare_paths);
    workers = threads_open(size_smaller(proofs->threads, proofs->n));
    threads_run(workers, look, proofs, proofs->n);
    threads_close(workers);
}

size_t proofs_make_ahead(struct proofs *proofs, char *const *operands, size_t n, unsigned files)
{
    const size_t enough = 64 * proofs->threads;
    size_t count = 0;

    while (count < n && proofs->n < enough) {
        const char *operand = operands[count++];
        struct checkpoint_files found;
        if (strcmp(operand, "-") == 0)
            continue;
        checkpoint_files(operand, files, &found, NULL);
        for (size_t i = 0; i < found.count; i++)
            proofs_add(proofs, memory_string(found.paths[i]));
        checkpoint_files_free(&found);
    }
    proofs_make(proofs);
    return count;
}

bool proofs_take(const struct proofs *proofs, const char *path, struct checkpoint *claims, enum status *status,
                 struct error *error)
{
    const struct proof wanted = { .path = (char *)path };
    struct proof *proof = proofs->n ? bsearch(&wanted, proofs->at, proofs->n, sizeof wanted, compare_paths) : NULL;

    if (!proof || proof->taken)
        return false;
    proof->taken = true;
    *claims = proof->claims;
    *status = proof->error ? proof->error->status : STATUS_OK;
    if (proof->error)
        *error = *proof->error;
    return true;
}

void proofs_free(struct proofs *proofs)
{
    for (size_t i = 0; i < proofs->n; i++) {
        free(proofs->at[i].path);
        free(proofs->at[i].error);
        if (!proofs->at[i].taken)
            claims_free(&proofs->at[i].claims);
    }
    free(proofs->at);
    proofs->at = NULL;
    proofs->n = 0;
}
