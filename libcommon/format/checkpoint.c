#include "format/checkpoint.h"

#include "base/file.h"
#include "base/finite.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/size.h"
#include "base/text.h"

#include <fcntl.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "a checkpoint's tensors are little-endian, and are used as they lie in the file"
#endif

#define FORMAT_FAMILY "rote-checkpoint-"
#define NO_DIGEST "0000000000000000000000000000000000000000000000000000000000000000"

/* What stands before the digest's characters in every file of this arithmetic. */
#define BEFORE_DIGEST                                                                                                  \
    "{\"__metadata__\":{\"format\":\"" CHECKPOINT_FORMAT "\",\"arithmetic\":\"" CHECKPOINT_ARITHMETIC "\",\"digest\":" \
    "\""

enum { DIGEST_AT = SAFETENSORS_PREFIX + sizeof BEFORE_DIGEST - 1, MOST_KEYS = 17 };

struct checkpoint_memory {
    struct bytes bytes; /* the file, or its beginning */
    struct safetensors file;
};

/* The values of the metadata as text, in room of their own. */
struct printed {
    char seed[NUMBER_SIZE], epoch[NUMBER_SIZE], step[NUMBER_SIZE], batch[NUMBER_SIZE];
    char loss[NUMBER_SIZE], ratio[NUMBER_SIZE], correct[NUMBER_SIZE], samples[NUMBER_SIZE];
};

static const char *print_u64(uint64_t value, char to[NUMBER_SIZE])
{
    snprintf(to, NUMBER_SIZE, "%llu", (unsigned long long)value);
    return to;
}

static size_t add_progress(const struct checkpoint *checkpoint, struct printed *printed,
                           struct safetensors_metadata *next)
{
    const struct checkpoint_progress *progress = &checkpoint->progress;
    const char *loss = number_print(progress->loss, printed->loss);
    const char *samples = print_u64(progress->samples, printed->samples);
    bool finished = checkpoint->batch == 0 && progress->samples > 0;
    size_t n = 0;

    if (finished)
        number_print((double)progress->correct / (double)progress->samples, printed->ratio);
    next[n++] = (struct safetensors_metadata){ "train.loss", finished ? loss : CHECKPOINT_NONE };
    next[n++] = (struct safetensors_metadata){ "train.accuracy", finished ? printed->ratio : CHECKPOINT_NONE };
    next[n++] = (struct safetensors_metadata){ "train.samples", finished ? samples : CHECKPOINT_NONE };
    if (checkpoint->batch > 0) {
        next[n++] = (struct safetensors_metadata){ "partial.loss", loss };
        next[n++] = (struct safetensors_metadata){ "partial.correct", print_u64(progress->correct, printed->correct) };
        next[n++] = (struct safetensors_metadata){ "partial.samples", samples };
    }
    return n;
}

/* The one spelling that a checkpoint's header has. */
static void add_header(struct text *text, const struct checkpoint *checkpoint, const char *arithmetic,
                       const char *digest)
{
    struct printed printed;
    struct safetensors_metadata metadata[MOST_KEYS] = {
        { "format", CHECKPOINT_FORMAT },
        { "arithmetic", arithmetic },
        { "digest", digest },
        { "parent", checkpoint->parent },
        { "data", checkpoint->data },
        { "model", checkpoint->model },
        { "seed", print_u64(checkpoint->seed, printed.seed) },
        { "epoch", print_u64(checkpoint->epoch, printed.epoch) },
        { "step", print_u64(checkpoint->step, printed.step) },
        { "batch", print_u64(checkpoint->batch, printed.batch) },
        { "class", checkpoint->class },
    };
    size_t n = 11;

    n += add_progress(checkpoint, &printed, metadata + n);
    safetensors_write_header(text, metadata, n, checkpoint->tensors, checkpoint->tensor_count);
}

static const char *get(const struct safetensors *file, const char *key)
{
    const char *value = safetensors_get(file, key);

    return value ? value : "";
}

bool checkpoint_is_of_family(const struct safetensors *file)
{
    return strncmp(get(file, "format"), FORMAT_FAMILY, strlen(FORMAT_FAMILY)) == 0;
}

static bool get_digest(const struct safetensors *file, const char *key, bool required, char digest[DIGEST_SIZE])
{
    const char *value = get(file, key);

    if (!digest_is_hex(value) && (required || strcmp(value, CHECKPOINT_NONE) != 0))
        return false;
    strcpy(digest, value);
    return true;
}

static bool get_u64(const struct safetensors *file, const char *key, uint64_t *value)
{
    return number_u64(get(file, key), value);
}

static bool get_progress(const struct safetensors *file, bool partial, struct checkpoint_progress *progress)
{
    double accuracy;

    if (partial)
        return number_double(get(file, "partial.loss"), &progress->loss) &&
               get_u64(file, "partial.correct", &progress->correct) &&
               get_u64(file, "partial.samples", &progress->samples);
    if (strcmp(get(file, "train.samples"), CHECKPOINT_NONE) == 0)
        return true;
    if (!number_double(get(file, "train.loss"), &progress->loss) ||
        !number_double(get(file, "train.accuracy"), &accuracy) || !get_u64(file, "train.samples", &progress->samples) ||
        !(accuracy >= 0 && accuracy <= 1) || progress->samples > UINT64_C(1) << 52)
        return false;
    progress->correct = (uint64_t)rint(accuracy * (double)progress->samples);
    return true;
}

/* Take what the metadata says. Returns the key that says no such thing as it should, or NULL. Keys that are missing,
   too many, or spelt in another way show when the header is written again. */
static const char *get_values(const struct safetensors *file, struct checkpoint *checkpoint)
{
    const char *class = get(file, "class");

    if (!get_digest(file, "digest", true, checkpoint->digest))
        return "digest";
    if (!get_digest(file, "parent", false, checkpoint->parent))
        return "parent";
    if (!get_digest(file, "data", false, checkpoint->data))
        return "data";
    if (!get_u64(file, "seed", &checkpoint->seed))
        return "seed";
    if (!get_u64(file, "epoch", &checkpoint->epoch))
        return "epoch";
    if (!get_u64(file, "step", &checkpoint->step))
        return "step";
    if (!get_u64(file, "batch", &checkpoint->batch))
        return "batch";
    if (!*class || strlen(class) >= CHECKPOINT_CLASS_SIZE)
        return "class";
    strcpy(checkpoint->class, class);
    if (!get_progress(file, checkpoint->batch > 0, &checkpoint->progress))
        return checkpoint->batch > 0 ? "partial.*" : "train.*";
    checkpoint->model = get(file, "model");
    return NULL;
}

static bool is_canonical(const struct checkpoint *checkpoint, const unsigned char *begin)
{
    const struct safetensors *file = &checkpoint->memory->file;
    struct text text = { 0 };
    bool same;

    add_header(&text, checkpoint, get(file, "arithmetic"), checkpoint->digest);
    same = text.length == file->data_offset && memcmp(text.at, begin, text.length) == 0;
    text_free(&text);
    return same;
}

/* Fill in `checkpoint` from the beginning of the file in its memory, of which `file_size` bytes are there. */
static enum status parse(struct checkpoint *checkpoint, size_t file_size, const char *path, struct error *error)
{
    struct checkpoint_memory *memory = checkpoint->memory;
    const char *wrong;
    enum status status = safetensors_parse(memory->bytes.at, memory->bytes.size, file_size, path, &memory->file, error);

    if (status)
        return status;
    checkpoint->tensors = memory->file.tensors;
    checkpoint->tensor_count = memory->file.tensor_count;
    if (!checkpoint_is_of_family(&memory->file))
        return error_set(error, STATUS_DATA, "%s: not a checkpoint: its metadata names no format '" FORMAT_FAMILY "N'",
                         path);
    if (strcmp(get(&memory->file, "format"), CHECKPOINT_FORMAT) != 0)
        return error_set(error, STATUS_DATA, "%s: its format is '%s', this rote reads '" CHECKPOINT_FORMAT "'", path,
                         get(&memory->file, "format"));
    wrong = get_values(&memory->file, checkpoint);
    if (wrong)
        return error_set(error, STATUS_DATA, "%s: not a checkpoint: its metadata %s is missing or impossible", path,
                         wrong);
    if (!is_canonical(checkpoint, memory->bytes.at))
        return error_set(error, STATUS_DATA, "%s: not a checkpoint: its header is not spelt as rote writes it", path);
    return STATUS_OK;
}

/* Begin the digest of a file with its first `size` bytes. A canonical header has the digest's characters in their
 * place.
 */
static struct digest *begin_digest(const unsigned char *begin, size_t size)
{
    struct digest *digest = digest_new(DIGEST_BLAKE2B);

    digest_add(digest, begin, DIGEST_AT);
    digest_add(digest, NO_DIGEST, DIGEST_HEX);
    digest_add(digest, begin + DIGEST_AT + DIGEST_HEX, size - DIGEST_AT - DIGEST_HEX);
    return digest;
}

/* Is it the one that the file has? */
static enum status end_digest(struct digest *digest, const struct checkpoint *checkpoint, const char *path,
                              struct error *error)
{
    char hex[DIGEST_SIZE];

    digest_end(digest, hex);
    if (strcmp(hex, checkpoint->digest) != 0)
        return error_set(error, STATUS_NO, "%s: digest differs: the file was changed after it was written", path);
    return STATUS_OK;
}

static enum status check_arithmetic(const struct checkpoint *checkpoint, const char *path, struct error *error)
{
    const char *arithmetic = get(&checkpoint->memory->file, "arithmetic");

    if (strcmp(arithmetic, CHECKPOINT_ARITHMETIC) == 0)
        return STATUS_OK;
    return error_set(error, STATUS_DATA, "%s: its arithmetic is '%s', this rote has '" CHECKPOINT_ARITHMETIC "'", path,
                     arithmetic);
}

static struct checkpoint *new_checkpoint(void)
{
    struct checkpoint *checkpoint = memory_new(1, sizeof *checkpoint);

    checkpoint->memory = memory_new(1, sizeof *checkpoint->memory);
    return checkpoint;
}

/* Give back what was read where that went well, else free it. */
static enum status settle(enum status status, struct checkpoint *checkpoint, struct checkpoint **result)
{
    bool claims = status == STATUS_OK || status == STATUS_NO;

    *result = claims ? checkpoint : NULL;
    if (!claims)
        checkpoint_free(checkpoint);
    return status;
}

enum status checkpoint_parse(struct bytes *bytes, const char *path, struct checkpoint **result, struct error *error)
{
    struct checkpoint *checkpoint = new_checkpoint();
    struct checkpoint_memory *memory = checkpoint->memory;
    enum status status;

    memory->bytes = *bytes;
    *bytes = (struct bytes){ 0 };
    status = parse(checkpoint, memory->bytes.size, path, error);
    if (!status)
        status = check_arithmetic(checkpoint, path, error);
    if (!status) {
        checkpoint->values = (float *)(void *)(memory->bytes.at + memory->file.data_offset);
        status = end_digest(begin_digest(memory->bytes.at, memory->bytes.size), checkpoint, path, error);
    }
    return settle(status, checkpoint, result);
}

enum status checkpoint_read(const char *path, struct checkpoint **result, struct error *error)
{
    struct bytes bytes;
    enum status status = file_read(path, 0, &bytes, error);

    *result = NULL;
    return status ? status : checkpoint_parse(&bytes, path, result, error);
}

/* The header's bytes through `fd`, a regular file. Nothing is allocated before its length is found possible. */
static enum status read_header(int fd, const char *path, struct bytes *bytes, size_t *file_size, struct error *error)
{
    unsigned char prefix[SAFETENSORS_PREFIX];
    struct stat stat;
    ptrdiff_t n;
    size_t end;
    enum status status;

    if (fstat(fd, &stat))
        return error_system(error, ACCESS_READ, path, "look at");
    n = file_read_fully(fd, prefix, sizeof prefix);
    if (n < 0)
        return error_system(error, ACCESS_READ, path, "read");
    *file_size = (size_t)stat.st_size;
    status = safetensors_header_size(prefix, (size_t)n, *file_size, path, &end, error);
    if (status)
        return status;
    *bytes = (struct bytes){ memory_new(end + 1, 1), end };
    memcpy(bytes->at, prefix, sizeof prefix);
    n = file_read_fully(fd, bytes->at + sizeof prefix, end - sizeof prefix);
    if (n < 0)
        return error_system(error, ACCESS_READ, path, "read");
    if ((size_t)n != end - sizeof prefix)
        return error_set(error, STATUS_IO, "%s: read: its size changed while it was read", path);
    return STATUS_OK;
}

static size_t count_values(const struct checkpoint *checkpoint)
{
    size_t count = 0;

    for (size_t i = 0; i < checkpoint->tensor_count; i++)
        count += checkpoint->tensors[i].count;
    return count;
}

/* Open a regular file: *fd stays -1 for anything else, whose size nobody can tell before its end. */
static enum status open_regular(const char *path, int *fd, struct error *error)
{
    enum file_kind kind;
    enum status status = file_operand_kind(path, &kind, error);

    *fd = -1;
    if (status || kind != FILE_REGULAR)
        return status;
    *fd = open(path, O_RDONLY | O_CLOEXEC);
    return *fd < 0 ? error_system(error, ACCESS_READ, path, "open") : STATUS_OK;
}

/* The beginning of a regular file, up to the end of its header; all of anything else. */
static enum status read_beginning(const char *path, struct bytes *bytes, size_t *file_size, struct error *error)
{
    int fd;
    enum status status = open_regular(path, &fd, error);

    if (status)
        return status;
    if (fd < 0) {
        status = file_read(path, 0, bytes, error);
        *file_size = bytes->size;
        return status;
    }
    status = read_header(fd, path, bytes, file_size, error);
    close(fd);
    return status;
}

enum status checkpoint_read_header(const char *path, struct checkpoint **result, struct error *error)
{
    struct checkpoint *checkpoint = new_checkpoint();
    size_t file_size = 0;
    enum status status = read_beginning(path, &checkpoint->memory->bytes, &file_size, error);

    if (!status)
        status = parse(checkpoint, file_size, path, error);
    return settle(status, checkpoint, result);
}

/* Add to the digest all that follows in a file, `size` bytes of tensors, and count the values before the first that is
   not finite. */
static enum status hash_tensors(int fd, const char *path, size_t size, struct digest *digest, size_t *finite,
                                struct error *error)
{
    const size_t block = size_smaller(1 << 17, size + sizeof(float)); /* it stays near the processor, to be looked at */
    float *values = memory_floats(block / sizeof *values);
    size_t done = 0;
    ptrdiff_t n;

    *finite = 0;
    do {
        n = file_read_fully(fd, values, block);
        if (n < 0)
            break;
        digest_add(digest, values, (size_t)n);
        if (*finite == done / sizeof *values)
            *finite += finite_count(values, (size_t)n / sizeof *values);
        done += (size_t)n;
    } while ((size_t)n == block && done <= size);
    free(values);
    if (n < 0)
        return error_system(error, ACCESS_READ, path, "read");
    if (done != size)
        return error_set(error, STATUS_IO, "%s: read: its size changed while it was read", path);
    return STATUS_OK;
}

/* Prove what comes through `fd`, a regular file. */
static enum status prove_stream(int fd, const char *path, struct checkpoint *checkpoint, size_t *finite,
                                struct error *error)
{
    struct bytes *header = &checkpoint->memory->bytes;
    struct digest *digest;
    size_t file_size;
    enum status status = read_header(fd, path, header, &file_size, error);

    if (!status)
        status = parse(checkpoint, file_size, path, error);
    if (!status)
        status = check_arithmetic(checkpoint, path, error);
    if (status)
        return status;
    digest = begin_digest(header->at, header->size);
    status = hash_tensors(fd, path, file_size - header->size, digest, finite, error);
    if (!status)
        return end_digest(digest, checkpoint, path, error);
    digest_free(digest);
    return status;
}

enum status checkpoint_prove(const char *path, struct checkpoint **result, size_t *finite, struct error *error)
{
    struct checkpoint *checkpoint;
    int fd;
    enum status status = open_regular(path, &fd, error);

    *result = NULL;
    *finite = 0;
    if (status)
        return status;
    if (fd < 0) {
        status = checkpoint_read(path, result, error);
        if (*result)
            *finite = finite_count((*result)->values, count_values(*result));
        return status;
    }
    checkpoint = new_checkpoint();
    status = prove_stream(fd, path, checkpoint, finite, error);
    close(fd);
    return settle(status, checkpoint, result);
}

bool checkpoint_is_foreign(const char *path)
{
    struct bytes bytes = { 0 };
    struct safetensors file = { 0 };
    size_t file_size = 0;
    bool foreign = false;

    if (!read_beginning(path, &bytes, &file_size, NULL) &&
        !safetensors_parse(bytes.at, bytes.size, file_size, path, &file, NULL))
        foreign = checkpoint_is_of_family(&file) && (strcmp(get(&file, "format"), CHECKPOINT_FORMAT) != 0 ||
                                                     strcmp(get(&file, "arithmetic"), CHECKPOINT_ARITHMETIC) != 0);
    safetensors_free(&file);
    free(bytes.at);
    return foreign;
}

void checkpoint_free(struct checkpoint *checkpoint)
{
    safetensors_free(&checkpoint->memory->file);
    free(checkpoint->memory->bytes.at);
    free(checkpoint->memory);
    free(checkpoint);
}

/* Fill in the digest, and the header that has it in its place; returns how many values there are. */
static size_t seal(struct checkpoint *checkpoint, struct text *header)
{
    struct digest *digest = digest_new(DIGEST_BLAKE2B);
    size_t count = count_values(checkpoint);

    add_header(header, checkpoint, CHECKPOINT_ARITHMETIC, NO_DIGEST);
    digest_add(digest, header->at, header->length);
    digest_add(digest, checkpoint->values, count * sizeof(float));
    digest_end(digest, checkpoint->digest);
    memcpy(header->at + DIGEST_AT, checkpoint->digest, DIGEST_HEX);
    return count;
}

void checkpoint_seal(struct checkpoint *checkpoint)
{
    struct text header = { 0 };

    seal(checkpoint, &header);
    text_free(&header);
}

void checkpoint_write(struct checkpoint *checkpoint, const char *path, enum output_mode mode)
{
    struct output *out = output_open(path, mode);
    struct text header = { 0 };
    size_t count = seal(checkpoint, &header);

    output_write(out, header.at, header.length);
    output_write(out, checkpoint->values, count * sizeof(float));
    output_publish(out);
    text_free(&header);
}
