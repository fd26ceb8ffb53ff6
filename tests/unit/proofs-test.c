/* Proofs of many checkpoints, on several threads: each as it is by itself. */
#include "train/proofs.h"

#include "base/memory.h"
#include "train/claims.h"
#include "train/initial.h"
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FILES = 60 };

static const char network[] =
    "input 1 2 2\ndense 3\nloss cross-entropy\ntrain batch=1 epochs=1\noptimizer sgd lr=0.1\n";

static char *path_of(size_t number)
{
    return memory_format("%s/%zu.safetensors", unit_directory(), number);
}

/* Epoch 0 of this seed. */
static void make(size_t seed)
{
    struct model *model;
    struct plan *plan;
    struct error error;
    struct state state;
    struct checkpoint checkpoint;
    char *path = path_of(seed);

    if (!CHECK(!plan_parse(network, "network", NULL, 0, &model, &plan, &error)))
        return;
    state = state_new(plan);
    initial_state(plan, seed, &state);
    checkpoint = initial_checkpoint(model, seed, &state);
    state_tensors(plan, &checkpoint.tensors, &checkpoint.tensor_count);
    checkpoint_write(&checkpoint, path, OUTPUT_REPLACE);
    state_tensors_free(checkpoint.tensors, checkpoint.tensor_count);
    state_free(&state);
    plan_free(plan);
    model_free(model);
    free(path);
}

/* Some are whole, some have another last byte, some are cut short, some are not there. */
static void make_files(void)
{
    for (size_t i = 0; i < FILES; i++) {
        char *path = path_of(i);
        FILE *file;
        make(i);
        if (i % 5 == 1 && (file = fopen(path, "r+"))) {
            CHECK(fseek(file, -1, SEEK_END) == 0 && fputc(0x55, file) == 0x55 && fclose(file) == 0);
        } else if (i % 5 == 2) {
            CHECK(truncate(path, 700) == 0);
        } else if (i % 5 == 3) {
            CHECK(remove(path) == 0);
        }
        free(path);
    }
}

/* What was found of a file is what there is to be found of it, and is given away once. */
static bool is_as_by_itself(const struct proofs *proofs, size_t number)
{
    char *path = path_of(number);
    struct checkpoint ahead, now;
    struct error error_ahead = { 0 }, error_now = { 0 };
    enum status status_ahead = STATUS_BUG,
                status_now = (proofs->kind == PROOFS_WHOLE ? claims_prove : claims_read)(path, &now, &error_now);
    bool same = CHECK(proofs_take(proofs, path, &ahead, &status_ahead, &error_ahead));

    same = same && CHECK_EQUAL(status_ahead, status_now) && CHECK_TEXT(error_ahead.text, error_now.text);
    same = same && CHECK((ahead.model != NULL) == (now.model != NULL));
    same = same && (!now.model || (CHECK_TEXT(ahead.digest, now.digest) && CHECK_EQUAL(ahead.seed, number)));
    CHECK(!proofs_take(proofs, path, &ahead, &status_ahead, &error_ahead));
    if (same)
        claims_free(&ahead);
    claims_free(&now);
    free(path);
    return same;
}

static void each_proof_is_that_of_its_file(enum proofs_kind kind)
{
    for (size_t threads = 1; threads <= 8; threads += threads) {
        struct proofs proofs = { .kind = kind, .threads = threads };
        for (size_t i = FILES; i > 0; i--)
            proofs_add(&proofs, path_of(i - 1));
        proofs_make(&proofs);
        for (size_t i = 0; i < FILES; i += 2)
            if (!is_as_by_itself(&proofs, i))
                break;
        proofs_free(&proofs); /* those that nobody took, too */
    }
}

static void whole_files_are_proven_as_by_themselves(void)
{
    each_proof_is_that_of_its_file(PROOFS_WHOLE);
}

static void headers_are_read_as_by_themselves(void)
{
    each_proof_is_that_of_its_file(PROOFS_HEADER);
}

static void of_what_was_not_asked_for_there_is_nothing(void)
{
    struct proofs proofs = { .kind = PROOFS_WHOLE, .threads = 2 };
    struct checkpoint claims;
    struct error error;
    enum status status;

    CHECK(!proofs_take(&proofs, "other", &claims, &status, &error));
    proofs_make(&proofs);
    proofs_add(&proofs, memory_string("one"));
    proofs_make(&proofs);
    CHECK(!proofs_take(&proofs, "other", &claims, &status, &error));
    CHECK(proofs_take(&proofs, "one", &claims, &status, &error));
    CHECK_EQUAL(status, STATUS_NO_INPUT);
    proofs_free(&proofs);
}

/* As many operands as give all threads work, and the next ones the next time. */
static void operands_are_looked_at_a_share_at_a_time(void)
{
    char *operands[FILES * 3];
    size_t done = 0, rounds = 0;

    for (size_t i = 0; i < FILES * 3; i++)
        operands[i] = path_of(i % FILES);
    while (done < FILES * 3) {
        struct proofs proofs = { .kind = PROOFS_HEADER, .threads = 2 };
        size_t count = proofs_make_ahead(&proofs, operands + done, FILES * 3 - done, CHECKPOINT_FINISHED);
        CHECK(count > 0 && count <= FILES * 3 - done && proofs.n == count);
        done += count;
        rounds++;
        proofs_free(&proofs);
    }
    CHECK(rounds > 1);
    for (size_t i = 0; i < FILES * 3; i++)
        free(operands[i]);
}

int main(void)
{
    make_files();
    TEST(whole_files_are_proven_as_by_themselves);
    TEST(headers_are_read_as_by_themselves);
    TEST(of_what_was_not_asked_for_there_is_nothing);
    TEST(operands_are_looked_at_a_share_at_a_time);
    return unit_finish();
}
