/* Keys and signatures: a public key, a signature, a secret key, and the file that is signed. */
#include "fuzz.h"

#include "base/minisign.h"

#include <stdlib.h>
#include <string.h>

/* What scrypt makes of a password takes too long, and is not the files'. */
static enum status ask(const char *path, char *password, size_t size, void *context, struct error *error)
{
    (void)password, (void)size, (void)context;
    return error_set(error, STATUS_UNAVAILABLE, "%s: nobody is asked", path);
}

static void check_signature(const struct minisign_public_key *key)
{
    struct minisign_signature signature;
    enum minisign_verdict verdict;
    struct error error;

    if (!minisign_read("file.minisig", &signature, &error)) {
        FUZZ_CHECK(!strpbrk(signature.comment, "\n"));
        if (key && !minisign_check(&signature, key, "file", &verdict, &error) && verdict == MINISIGN_GOOD)
            FUZZ_CHECK(memcmp(signature.id, key->id, MINISIGN_ID) == 0);
    }
    minisign_free(&signature);
}

/* What a key signs reads back, whatever is in the comment. */
static void check_secret_key(struct fuzz_part comment)
{
    struct minisign_signature signature;
    struct minisign_secret_key *key;
    struct error error;
    char *said, *text;

    if (minisign_read_secret_key("secret", ask, NULL, &key, &error))
        return;
    said = fuzz_string(comment);
    text = minisign_sign(key, "", 0, said);
    fuzz_file("signed", (struct fuzz_part){ (const uint8_t *)text, strlen(text) });
    FUZZ_CHECK(minisign_read("signed", &signature, &error) == STATUS_OK);
    FUZZ_CHECK(strlen(signature.comment) >= strlen(said)); /* perhaps with escapes */
    minisign_free(&signature);
    minisign_forget(key);
    free(said);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_part part[4];
    struct minisign_public_key key;
    struct error error;
    char *line, name[MINISIGN_NAME];
    bool known;

    fuzz_split(data, size, part, 4);
    fuzz_file("public", part[0]);
    fuzz_file("file.minisig", part[1]);
    fuzz_file("secret", part[2]);
    fuzz_file("file", part[3]);
    line = fuzz_string(part[0]);
    minisign_read_public_key(line, &key, &error);
    known = minisign_read_public_key("public", &key, &error) == STATUS_OK;
    if (known) {
        minisign_name(key.id, name);
        FUZZ_CHECK(strspn(name, "0123456789ABCDEF") == MINISIGN_NAME - 1);
    }
    check_signature(known ? &key : NULL);
    check_secret_key(part[3]);
    free(line);
    return 0;
}
