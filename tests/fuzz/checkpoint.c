/* Checkpoints: any file, and one whose length and digest were put right, so that what comes behind them is reached. */
#include "fuzz.h"

#include "base/file.h"
#include "base/memory.h"
#include "train/state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define BEGIN                                                                                                          \
    "{\"__metadata__\":{\"format\":\"" CHECKPOINT_FORMAT "\",\"arithmetic\":\"" CHECKPOINT_ARITHMETIC "\",\"digest\":" \
    "\""

enum { DIGEST_AT = SAFETENSORS_PREFIX + sizeof BEGIN - 1 };

static void check_session(const struct session *session)
{
    const struct checkpoint *checkpoint = session->checkpoint;
    size_t count = state_floats(session->plan);

    for (size_t i = 0; i < count; i++)
        FUZZ_CHECK(isfinite(checkpoint->values[i]));
    FUZZ_CHECK(session->state.parameters == checkpoint->values);
}

/* Proving it as it goes by says what reading and opening it say. */
static void prove_file(enum status wanted)
{
    struct checkpoint *checkpoint;
    struct error error;
    size_t finite;
    enum status status = checkpoint_prove("file", &checkpoint, &finite, &error);

    FUZZ_CHECK((checkpoint != NULL) == (status == STATUS_OK || status == STATUS_NO));
    if (!status)
        status = session_check(checkpoint, finite, "file", &error);
    FUZZ_CHECK(status == wanted);
    if (checkpoint)
        checkpoint_free(checkpoint);
}

/* As programs read it: the header alone, and all of it. Both say the same. */
static void read_file(void)
{
    struct checkpoint *header, *whole;
    struct session session;
    struct error error;
    enum status header_status = checkpoint_read_header("file", &header, &error);
    enum status status = checkpoint_read("file", &whole, &error);

    if (status == STATUS_OK || status == STATUS_NO) {
        FUZZ_CHECK(header_status == STATUS_OK);
        FUZZ_CHECK(strcmp(header->digest, whole->digest) == 0 && header->tensor_count == whole->tensor_count);
    }
    if (!session_load_network("file", &session, &error)) {
        FUZZ_CHECK(session.plan && (!session.checkpoint || status == STATUS_OK));
        session_free(&session);
    } else
        FUZZ_CHECK(!session.plan && !session.model && !session.checkpoint);
    if (!header_status)
        checkpoint_free(header);
    if (status == STATUS_NO)
        checkpoint_free(whole);
    if (!status && !(status = session_open(whole, "file", &session, &error))) {
        check_session(&session);
        session_free(&session);
    }
    prove_file(status);
}

/* The file whose header goes on with `rest` behind the digest, and whose data begins with `data`; all else is right. */
static void write_repaired(struct fuzz_part rest, struct fuzz_part data)
{
    char *header = fuzz_string(rest), hex[DIGEST_SIZE];
    size_t begin = (DIGEST_AT + DIGEST_HEX + rest.size + 7) / 8 * 8, length = begin - SAFETENSORS_PREFIX;
    size_t size = begin + fuzz_claimed_data(header);
    unsigned char *file = memory_new(size, 1);
    struct digest *digest = digest_new(DIGEST_BLAKE2B);

    for (size_t i = 0; i < SAFETENSORS_PREFIX; i++)
        file[i] = (unsigned char)(length >> 8 * i);
    memset(file + SAFETENSORS_PREFIX, ' ', length);
    memcpy(file + SAFETENSORS_PREFIX, BEGIN, sizeof BEGIN - 1);
    memset(file + DIGEST_AT, '0', DIGEST_HEX);
    memcpy(file + DIGEST_AT + DIGEST_HEX, rest.at, rest.size);
    memcpy(file + begin, data.at, data.size < size - begin ? data.size : size - begin);
    digest_add(digest, file, size);
    digest_end(digest, hex);
    memcpy(file + DIGEST_AT, hex, DIGEST_HEX);
    fuzz_file("file", (struct fuzz_part){ file, size });
    free(file);
    free(header);
}

/* An odd first byte: a whole file follows. An even one: what follows the digest, then the data. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!fuzz_whole_or_repaired(data, size, write_repaired))
        return -1;
    read_file();
    return 0;
}
