/* Checkpoints: what is written reads back exactly, and any other file is refused. */
#include "format/checkpoint.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PARENT "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

static float values[] = { 0.0f, -0.0f, 1.5f, -2.25f, 1e-42f, 3.4e38f, 7.0f, 8.0f, 9.0f };
static struct safetensors_tensor tensors[] = {
    { .name = "model.dense1.weight", .rank = 2, .shape = { 2, 3 }, .count = 6 },
    { .name = "model.dense1.bias", .rank = 1, .shape = { 3 }, .count = 3 },
};

static struct checkpoint example(void)
{
    return (struct checkpoint){
        .parent = PARENT,
        .data = CHECKPOINT_NONE,
        .model = "input 1 1 3\ndense 2\nloss cross-entropy\n",
        .class = "fp32",
        .seed = UINT64_MAX,
        .epoch = 3,
        .step = 28,
        .progress = { .loss = 0.1 + 0.2, .correct = 599, .samples = 601 },
        .tensors = tensors,
        .tensor_count = 2,
        .values = values,
    };
}

static const char *path(void)
{
    static char name[4096];

    snprintf(name, sizeof name, "%s/x.safetensors", unit_directory());
    return name;
}

static struct bytes file_of(struct checkpoint *checkpoint)
{
    struct bytes bytes;
    struct error error;

    checkpoint_write(checkpoint, path(), OUTPUT_REPLACE);
    CHECK(!file_read(path(), 0, &bytes, &error));
    return bytes;
}

/* A file in memory: thousands of changed ones would wait for a disk. */
static const char *changed(void)
{
    static char name[64];
    static int fd = -1;

    if (fd < 0)
        fd = memfd_create("changed", MFD_CLOEXEC);
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    return name;
}

static void put(const void *bytes, size_t size)
{
    FILE *file = fopen(changed(), "w");

    CHECK(file && fwrite(bytes, 1, size, file) == size);
    CHECK(file && !fclose(file));
}

/* What proving the same file says, which is the same. */
static void prove(enum status wanted)
{
    struct checkpoint *checkpoint;
    struct error error;
    size_t finite;

    CHECK_EQUAL(checkpoint_prove(changed(), &checkpoint, &finite, &error), wanted);
    CHECK((checkpoint != NULL) == (wanted == STATUS_OK || wanted == STATUS_NO));
    if (!wanted)
        CHECK_EQUAL(finite, sizeof values / sizeof *values);
    if (checkpoint)
        checkpoint_free(checkpoint);
}

/* The status of reading a file of these bytes, which must agree with the status of the message. */
static enum status status_of(const void *bytes, size_t size, struct error *error)
{
    struct checkpoint *checkpoint;
    enum status status;

    put(bytes, size);
    status = checkpoint_read(changed(), &checkpoint, error);
    CHECK((checkpoint != NULL) == (status == STATUS_OK || status == STATUS_NO));
    if (checkpoint)
        checkpoint_free(checkpoint);
    prove(status);
    return status;
}

/* Both readers must give back what was written. */
static void reads_back(struct checkpoint *written)
{
    struct checkpoint *read[2];
    struct error error;

    checkpoint_write(written, path(), OUTPUT_REPLACE);
    if (!CHECK(!checkpoint_read(path(), &read[0], &error)) || !CHECK(!checkpoint_read_header(path(), &read[1], &error)))
        return;
    CHECK(memcmp((const char *)read[0]->values, (const char *)values, sizeof values) == 0);
    CHECK(!read[1]->values);
    for (size_t i = 0; i < 2; i++) {
        CHECK_TEXT(read[i]->digest, written->digest);
        CHECK_TEXT(read[i]->parent, written->parent);
        CHECK_TEXT(read[i]->data, written->data);
        CHECK_TEXT(read[i]->model, written->model);
        CHECK_TEXT(read[i]->class, written->class);
        CHECK(read[i]->seed == written->seed && read[i]->epoch == written->epoch && read[i]->step == written->step);
        CHECK(read[i]->batch == written->batch);
        CHECK(read[i]->progress.loss == written->progress.loss);
        CHECK(read[i]->progress.correct == written->progress.correct);
        CHECK(read[i]->progress.samples == written->progress.samples);
        CHECK_EQUAL(read[i]->tensor_count, 2);
        CHECK_TEXT(read[i]->tensors[1].name, "model.dense1.bias");
        checkpoint_free(read[i]);
    }
}

static void a_finished_checkpoint_reads_back(void)
{
    struct checkpoint checkpoint = example();

    reads_back(&checkpoint);
    CHECK(digest_is_hex(checkpoint.digest));
}

static void epoch_zero_reads_back(void)
{
    struct checkpoint checkpoint = example();

    checkpoint.progress = (struct checkpoint_progress){ 0 };
    checkpoint.epoch = checkpoint.step = 0;
    strcpy(checkpoint.parent, CHECKPOINT_NONE);
    strcpy(checkpoint.class, CHECKPOINT_NONE);
    reads_back(&checkpoint);
}

static void a_partial_reads_back(void)
{
    struct checkpoint checkpoint = example();

    checkpoint.batch = 7;
    checkpoint.progress.loss = 1234.0 / 7;
    reads_back(&checkpoint);
}

static void counts_of_correct_samples_read_back(void)
{
    struct checkpoint checkpoint = example(), *read;

    for (uint64_t correct = 0; correct <= 601; correct += 37) { /* every write is synced */
        checkpoint.progress.correct = correct;
        checkpoint_write(&checkpoint, path(), OUTPUT_REPLACE);
        CHECK(!checkpoint_read_header(path(), &read, NULL));
        CHECK_EQUAL(read->progress.correct, correct);
        checkpoint_free(read);
    }
}

static void the_same_checkpoint_has_the_same_bytes(void)
{
    struct checkpoint checkpoint = example();
    struct bytes a = file_of(&checkpoint), b = file_of(&checkpoint);

    CHECK(a.size == b.size && memcmp(a.at, b.at, a.size) == 0);
    free(a.at);
    free(b.at);
}

/* The digest is over the whole file with its own characters as '0'. */
static void the_digest_is_that_of_the_bytes(void)
{
    struct checkpoint checkpoint = example();
    struct bytes bytes = file_of(&checkpoint);
    char *at = memmem(bytes.at, bytes.size, checkpoint.digest, DIGEST_HEX), hex[DIGEST_SIZE];
    struct digest *digest = digest_new(DIGEST_BLAKE2B);

    CHECK(at);
    memset(at, '0', DIGEST_HEX);
    digest_add(digest, bytes.at, bytes.size);
    digest_end(digest, hex);
    CHECK_TEXT(hex, checkpoint.digest);
    free(bytes.at);
}

static void every_changed_byte_is_noticed(void)
{
    struct checkpoint checkpoint = example();
    struct bytes bytes = file_of(&checkpoint);

    for (size_t i = 0; i < bytes.size; i++)
        for (size_t bit = 0; bit <= 8; bit++) {
            unsigned char change = bit < 8 ? (unsigned char)(1u << bit) : 0xff;
            struct error error = { 0 };
            enum status status;
            bytes.at[i] ^= change;
            status = status_of(bytes.at, bytes.size, &error);
            CHECK(status == STATUS_DATA || status == STATUS_NO);
            CHECK_EQUAL(error.status, status);
            bytes.at[i] ^= change;
        }
    CHECK_EQUAL(status_of(bytes.at, bytes.size, NULL), STATUS_OK);
    free(bytes.at);
}

static void a_changed_weight_is_a_digest_that_differs(void)
{
    struct checkpoint checkpoint = example();
    struct bytes bytes = file_of(&checkpoint);
    struct error error;

    bytes.at[bytes.size - 1] ^= 1;
    CHECK_EQUAL(status_of(bytes.at, bytes.size, &error), STATUS_NO);
    CHECK(strstr(error.text, "digest differs"));
    free(bytes.at);
}

static void every_shorter_or_longer_file_is_refused(void)
{
    struct checkpoint checkpoint = example(), *read;
    struct bytes bytes = file_of(&checkpoint);
    struct error error;

    for (size_t size = 0; size < bytes.size; size++) {
        CHECK_EQUAL(status_of(bytes.at, size, &error), STATUS_DATA);
        CHECK(strstr(error.text, "ends after"));
        CHECK_EQUAL(checkpoint_read_header(changed(), &read, NULL), STATUS_DATA);
    }
    CHECK_EQUAL(status_of(bytes.at, bytes.size + 1, &error), STATUS_DATA); /* the NUL after it */
    CHECK(strstr(error.text, "1 bytes follow"));
    free(bytes.at);
}

static void impossible_header_lengths_are_refused(void)
{
    struct checkpoint checkpoint = example(), *read;
    struct bytes bytes = file_of(&checkpoint);
    static const uint64_t lengths[] = { 0, 1, UINT64_C(1) << 63, UINT64_MAX, UINT64_MAX - 7 };

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        memcpy(bytes.at, &lengths[i], 8);
        CHECK_EQUAL(status_of(bytes.at, bytes.size, NULL), STATUS_DATA);
        CHECK_EQUAL(checkpoint_read_header(changed(), &read, NULL), STATUS_DATA);
    }
    free(bytes.at);
}

/* Replace `from` by `to` in the header, mend length and padding, and give the file a right digest where it has room for
   one: what remains to be noticed is the header itself. */
static enum status status_with(const char *from, const char *to, struct error *error)
{
    struct checkpoint checkpoint = example();
    struct bytes bytes = file_of(&checkpoint);
    size_t header = (size_t)bytes.at[0] | (size_t)bytes.at[1] << 8;
    char *at = memmem(bytes.at, 8 + header, from, strlen(from)), *digest_at, hex[DIGEST_SIZE];
    struct digest *digest = digest_new(DIGEST_BLAKE2B);
    struct text text = { 0 };
    enum status status;

    CHECK(at);
    text_add(&text, bytes.at, (size_t)((unsigned char *)at - bytes.at));
    text_string(&text, to);
    text_add(&text, at + strlen(from), (size_t)((char *)bytes.at + 8 + header - at) - strlen(from));
    while (text.at[text.length - 1] == ' ')
        text.length--;
    while (text.length % 8)
        text_string(&text, " ");
    text.at[0] = (char)(text.length - 8);
    text.at[1] = (char)((text.length - 8) >> 8);
    text_add(&text, bytes.at + 8 + header, bytes.size - 8 - header);
    digest_at = memmem(text.at, text.length, checkpoint.digest, DIGEST_HEX);
    if (digest_at)
        memset(digest_at, '0', DIGEST_HEX);
    digest_add(digest, text.at, text.length);
    digest_end(digest, hex);
    if (digest_at)
        memcpy(digest_at, hex, DIGEST_HEX);
    status = status_of(text.at, text.length, error);
    text_free(&text);
    free(bytes.at);
    return status;
}

static void refused_with(const char *from, const char *to, const char *why)
{
    struct error error = { 0 };

    CHECK_EQUAL(status_with(from, to, &error), STATUS_DATA);
    if (!CHECK(strstr(error.text, why)))
        CHECK_TEXT(error.text, why);
}

static void any_other_spelling_of_the_header_is_refused(void)
{
    CHECK_EQUAL(status_with("\"seed\"", "\"seed\"", NULL), STATUS_OK);
    refused_with("\"seed\":", "\"seed\": ", "not spelt");
    refused_with("\"seed\":", "\"more\":\"1\",\"seed\":", "not spelt");
    refused_with("\"seed\"", "\"s\\u0065ed\"", "not spelt");
    refused_with("\"epoch\":\"3\"", "\"epoch\":\"03\"", "not spelt");
    refused_with("\"epoch\":\"3\",\"step\":\"28\"", "\"step\":\"28\",\"epoch\":\"3\"", "not spelt");
    refused_with("\"train.samples\":\"601\"", "\"train.samples\":\"602\"", "not spelt");
    refused_with("\"train.loss\":\"0.", "\"train.loss\":\"00.", "not spelt");
    refused_with("\"train.samples\":\"601\"", "\"train.samples\":\"none\"", "not spelt");
    refused_with("\"train.samples\":\"601\"", "\"train.samples\":\"601\",\"partial.samples\":\"1\"", "not spelt");
    refused_with("\"dtype\":\"F32\",\"shape\":[3]", "\"shape\":[3],\"dtype\":\"F32\"", "not spelt");
}

static void metadata_that_cannot_be_is_refused(void)
{
    refused_with("\"seed\":\"1", "\"seed\":\"9", "seed is missing or impossible");
    refused_with("\"seed\"", "\"Seed\"", "seed is missing or impossible");
    refused_with("\"epoch\":\"3\"", "\"epoch\":\"-3\"", "epoch is missing");
    refused_with("\"batch\":\"0\"", "\"batch\":\"1\"", "partial.* is missing");
    refused_with("\"train.loss\":\"", "\"train.loss\":\"nan", "train.* is missing");
    refused_with("\"train.accuracy\":\"", "\"train.accuracy\":\"-", "train.* is missing");
    refused_with("\"train.accuracy\":\"0", "\"train.accuracy\":\"1", "train.* is missing");
    refused_with("\"train.samples\":\"601\"", "\"train.samples\":\"18446744073709551615\"", "train.* is missing");
    refused_with("\"class\":\"fp32\"", "\"class\":\"\"", "class is missing");
    refused_with("\"data\":\"none\"", "\"data\":\"None\"", "data is missing");
    refused_with("\"parent\":\"0", "\"parent\":\"G", "parent is missing");
    refused_with("\"digest\":\"", "\"digest\":\"0", "digest is missing");
}

static void duplicate_keys_overlaps_and_holes_are_refused(void)
{
    refused_with("\"batch\":\"0\"", "\"batch\":\"0\",\"batch\":\"0\"", "duplicate");
    refused_with("[24,36]", "[20,32]", "overlaps");
    refused_with("[24,36]", "[28,40]", "hole");
    refused_with("[24,36]", "[24,9223372036854775807]", "do not fit its shape");
    refused_with("\"shape\":[3]", "\"shape\":[4]", "do not fit its shape");
}

static void other_files_are_told_apart(void)
{
    refused_with(CHECKPOINT_FORMAT, "rote-checkpoint-2", "format is 'rote-checkpoint-2', this rote reads");
    refused_with(CHECKPOINT_FORMAT, "pt", "not a checkpoint");
    refused_with("\"arithmetic\":\"" CHECKPOINT_ARITHMETIC "\"", "\"arithmetic\":\"99\"",
                 "arithmetic is '99', this rote has '" CHECKPOINT_ARITHMETIC "'");
}

static void the_header_of_another_arithmetic_can_be_read(void)
{
    struct checkpoint *checkpoint;

    refused_with("\"arithmetic\":\"" CHECKPOINT_ARITHMETIC "\"", "\"arithmetic\":\"99\"", "arithmetic");
    if (CHECK(!checkpoint_read_header(changed(), &checkpoint, NULL))) {
        CHECK_EQUAL(checkpoint->epoch, 3);
        checkpoint_free(checkpoint);
    }
}

static void only_checkpoints_of_other_versions_are_foreign(void)
{
    struct checkpoint checkpoint = example();

    checkpoint_write(&checkpoint, path(), OUTPUT_REPLACE);
    CHECK(!checkpoint_is_foreign(path()));
    CHECK(!checkpoint_is_foreign(unit_directory()));
    refused_with(CHECKPOINT_FORMAT, "pt", "not a checkpoint");
    CHECK(!checkpoint_is_foreign(changed()));
    refused_with(CHECKPOINT_FORMAT, "rote-checkpoint-2", "format");
    CHECK(checkpoint_is_foreign(changed()));
    refused_with("\"arithmetic\":\"" CHECKPOINT_ARITHMETIC "\"", "\"arithmetic\":\"99\"", "arithmetic");
    CHECK(checkpoint_is_foreign(changed()));
}

static void what_is_not_there_is_not_called_corrupt(void)
{
    struct checkpoint *checkpoint;

    unlink(path());
    CHECK_EQUAL(checkpoint_read(path(), &checkpoint, NULL), STATUS_NO_INPUT);
    CHECK_EQUAL(checkpoint_read_header(path(), &checkpoint, NULL), STATUS_NO_INPUT);
    CHECK_EQUAL(checkpoint_read(unit_directory(), &checkpoint, NULL), STATUS_NO_INPUT);
    CHECK_EQUAL(checkpoint_read_header(unit_directory(), &checkpoint, NULL), STATUS_NO_INPUT);
}

int main(void)
{
    TEST(a_finished_checkpoint_reads_back);
    TEST(epoch_zero_reads_back);
    TEST(a_partial_reads_back);
    TEST(counts_of_correct_samples_read_back);
    TEST(the_same_checkpoint_has_the_same_bytes);
    TEST(the_digest_is_that_of_the_bytes);
    TEST(every_changed_byte_is_noticed);
    TEST(a_changed_weight_is_a_digest_that_differs);
    TEST(every_shorter_or_longer_file_is_refused);
    TEST(impossible_header_lengths_are_refused);
    TEST(any_other_spelling_of_the_header_is_refused);
    TEST(metadata_that_cannot_be_is_refused);
    TEST(duplicate_keys_overlaps_and_holes_are_refused);
    TEST(other_files_are_told_apart);
    TEST(the_header_of_another_arithmetic_can_be_read);
    TEST(only_checkpoints_of_other_versions_are_foreign);
    TEST(what_is_not_there_is_not_called_corrupt);
    return unit_finish();
}
