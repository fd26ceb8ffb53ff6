#include "base/minisign.h"

#include "base/digest.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"

#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 1 << 16, SECRET = 64, CHECKSUM = 32, SALT = 32 };

/* The most work that a password is made to cost: what minisign asks for. */
enum { MOST_OPERATIONS = 1 << 25, MOST_MEMORY = 1 << 30 };

/* The files' lines of base64, as they are. */
struct public_line {
    unsigned char algorithm[2], id[MINISIGN_ID], key[MINISIGN_PUBLIC];
};

struct signature_line {
    unsigned char algorithm[2], id[MINISIGN_ID], data[MINISIGN_SIGNATURE];
};

struct sealed {
    unsigned char id[MINISIGN_ID], key[SECRET], checksum[CHECKSUM];
};

struct secret_line {
    unsigned char algorithm[2], derivation[2], checksum[2], salt[SALT], operations[8], memory[8];
    struct sealed sealed;
};

struct minisign_secret_key {
    struct sealed sealed;
};

static void begin(void)
{
    if (sodium_init() < 0)
        die(STATUS_RESOURCE, "out of memory");
}

/* The decoder of libsodium 1.0.18 takes a byte 0xaf for a slash. */
static bool decode(const char *line, void *to, size_t size)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
    size_t length;

    return !line[strspn(line, digits)] &&
           sodium_base642bin(to, size, line, strlen(line), NULL, &length, NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
           length == size;
}

static char *encode(const void *from, size_t size)
{
    size_t room = sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL);
    char *text = memory_new(room, 1);

    return sodium_bin2base64(text, room, from, size, sodium_base64_VARIANT_ORIGINAL);
}

/* Cut the next line off; NULL if the text ends before a line does. */
static char *next_line(char **rest)
{
    char *line = *rest, *end = strchr(line, '\n');

    if (!end)
        return NULL;
    *rest = end + 1;
    *end = '\0';
    if (end > line && end[-1] == '\r')
        end[-1] = '\0';
    return line;
}

static enum status read_text(const char *path, struct bytes *bytes, struct error *error)
{
    enum status status = file_read(path, MOST, bytes, error);

    if (status)
        return status;
    status = bytes_check_text(bytes, path, error);
    if (status)
        free(bytes->at);
    return status;
}

static const char *after(const char *prefix, const char *line)
{
    size_t length = strlen(prefix);

    return line && strncmp(line, prefix, length) == 0 ? line + length : NULL;
}

/* The last line of a key's file: the one before is a comment. */
static bool decode_key(struct bytes *bytes, void *to, size_t size)
{
    char *rest = (char *)bytes->at;
    bool good;

    if (after("untrusted comment: ", rest) && !next_line(&rest))
        return false;
    rest[strcspn(rest, "\r\n")] = '\0';
    good = decode(rest, to, size);
    sodium_memzero(bytes->at, bytes->size);
    return good;
}

enum status minisign_read_public_key(const char *path, struct minisign_public_key *key, struct error *error)
{
    struct public_line line;
    struct bytes bytes;
    enum status status;
    bool good;

    begin();
    if (!decode(path, &line, sizeof line)) {
        status = read_text(path, &bytes, error);
        if (status)
            return status;
        good = decode_key(&bytes, &line, sizeof line);
        free(bytes.at);
        if (!good)
            return error_set(error, STATUS_DATA, "%s: read: it is no public key of minisign", path);
    }
    if (memcmp(line.algorithm, "Ed", 2) != 0)
        return error_set(error, STATUS_DATA, "%s: read: it is a key of an unknown kind", path);
    memcpy(key->id, line.id, sizeof key->id);
    memcpy(key->key, line.key, sizeof key->key);
    return STATUS_OK;
}

static uint64_t little_endian(const unsigned char bytes[8])
{
    uint64_t value = 0;

    for (int i = 7; i >= 0; i--)
        value = value << 8 | bytes[i];
    return value;
}

/* Of the kind of key, its name and itself. */
static void checksum(const struct sealed *sealed, unsigned char sum[CHECKSUM])
{
    crypto_generichash_state state;

    crypto_generichash_init(&state, NULL, 0, CHECKSUM);
    crypto_generichash_update(&state, (const unsigned char *)"Ed", 2);
    crypto_generichash_update(&state, sealed->id, sizeof sealed->id);
    crypto_generichash_update(&state, sealed->key, sizeof sealed->key);
    crypto_generichash_final(&state, sum, CHECKSUM);
}

/* Take the password off: what is sealed is combined with what scrypt makes of it. */
static enum status unseal(const char *path, const struct secret_line *line, minisign_ask *ask, void *context,
                          struct sealed *sealed, struct error *error)
{
    char *password = sodium_malloc(MINISIGN_PASSWORD);
    unsigned char *stream = sodium_malloc(sizeof *sealed);
    enum status status;

    if (!password || !stream)
        die(STATUS_RESOURCE, "out of memory");
    status = ask(path, password, MINISIGN_PASSWORD, context, error);
    if (!status &&
        crypto_pwhash_scryptsalsa208sha256(stream, sizeof *sealed, password, strlen(password), line->salt,
                                           little_endian(line->operations), (size_t)little_endian(line->memory)))
        status = error_set(error, STATUS_RESOURCE, "%s: decrypt: out of memory", path);
    for (size_t i = 0; !status && i < sizeof *sealed; i++)
        ((unsigned char *)sealed)[i] ^= stream[i];
    sodium_free(stream);
    sodium_free(password);
    return status;
}

static enum status open_secret(const char *path, const struct secret_line *line, minisign_ask *ask, void *context,
                               struct sealed *sealed, struct error *error)
{
    static const unsigned char zero[CHECKSUM];
    unsigned char sum[CHECKSUM];
    bool encrypted = memcmp(line->derivation, "Sc", 2) == 0;
    enum status status = STATUS_OK;

    if (memcmp(line->algorithm, "Ed", 2) != 0 || memcmp(line->checksum, "B2", 2) != 0 ||
        !(encrypted || memcmp(line->derivation, zero, 2) == 0))
        return error_set(error, STATUS_DATA, "%s: read: it is a key of an unknown kind", path);
    if (encrypted && (little_endian(line->operations) > MOST_OPERATIONS || little_endian(line->memory) > MOST_MEMORY))
        return error_set(error, STATUS_DATA, "%s: decrypt: it asks for more work than keys of minisign do", path);
    *sealed = line->sealed;
    if (encrypted)
        status = unseal(path, line, ask, context, sealed, error);
    checksum(sealed, sum);
    if (!status && memcmp(sum, sealed->checksum, sizeof sum) != 0 &&
        (encrypted || memcmp(zero, sealed->checksum, sizeof zero) != 0))
        status = error_set(error, STATUS_DATA, "%s: decrypt: %s", path,
                           encrypted ? "the password is wrong" : "its checksum is wrong");
    return status;
}

enum status minisign_read_secret_key(const char *path, minisign_ask *ask, void *context,
                                     struct minisign_secret_key **key, struct error *error)
{
    struct secret_line *line;
    struct bytes bytes;
    enum status status;

    begin();
    *key = NULL;
    status = read_text(path, &bytes, error);
    if (status)
        return status;
    line = sodium_malloc(sizeof *line);
    *key = sodium_malloc(sizeof **key);
    if (!line || !*key)
        die(STATUS_RESOURCE, "out of memory");
    if (decode_key(&bytes, line, sizeof *line))
        status = open_secret(path, line, ask, context, &(*key)->sealed, error);
    else
        status = error_set(error, STATUS_DATA, "%s: read: it is no secret key of minisign", path);
    free(bytes.at);
    sodium_free(line);
    if (status) {
        minisign_forget(*key);
        *key = NULL;
    }
    return status;
}

void minisign_forget(struct minisign_secret_key *key)
{
    sodium_free(key);
}

char *minisign_path(const char *path)
{
    return memory_format("%s.minisig", path);
}

static void sign(const struct minisign_secret_key *key, const void *data, size_t size,
                 unsigned char signature[MINISIGN_SIGNATURE])
{
    if (crypto_sign_detached(signature, NULL, data, size, key->sealed.key))
        die(STATUS_BUG, "sign: Ed25519 failed");
}

/* What the second signature is of: the first one and the trusted comment. */
static struct text join(const unsigned char signature[MINISIGN_SIGNATURE], const char *comment)
{
    struct text joined = { 0 };

    text_add(&joined, signature, MINISIGN_SIGNATURE);
    text_string(&joined, comment);
    return joined;
}

static char *show(const char *comment)
{
    struct text text = { 0 };
    char shown[TEXT_SHOWN];

    text_string(&text, "");
    while (*comment) {
        comment += text_show(comment, shown);
        text_string(&text, shown);
    }
    return text.at;
}

char *minisign_sign(const struct minisign_secret_key *key, const void *data, size_t size, const char *comment)
{
    struct signature_line line = { .algorithm = { 'E', 'D' } };
    unsigned char hash[DIGEST_FILE], global[MINISIGN_SIGNATURE];
    char *shown = show(comment), *first, *second, *text;
    struct text joined;

    crypto_generichash(hash, sizeof hash, data, size, NULL, 0);
    memcpy(line.id, key->sealed.id, sizeof line.id);
    sign(key, hash, sizeof hash, line.data);
    joined = join(line.data, shown);
    sign(key, joined.at, joined.length, global);
    first = encode(&line, sizeof line);
    second = encode(global, sizeof global);
    text = memory_format("untrusted comment: signature by ckpt-release\n%s\ntrusted comment: %s\n%s\n", first, shown,
                         second);
    text_free(&joined);
    free(shown);
    free(first);
    free(second);
    return text;
}

static bool parse(char *rest, struct minisign_signature *signature)
{
    const char *untrusted = after("untrusted comment: ", next_line(&rest)), *comment, *global;
    const char *first = untrusted ? next_line(&rest) : NULL;
    struct signature_line line;

    comment = first ? after("trusted comment: ", next_line(&rest)) : NULL;
    if (!comment)
        return false;
    rest[strcspn(rest, "\r\n")] = '\0';
    global = rest;
    if (!decode(first, &line, sizeof line) || !decode(global, signature->global, sizeof signature->global) ||
        line.algorithm[0] != 'E' || (line.algorithm[1] != 'D' && line.algorithm[1] != 'd'))
        return false;
    signature->hashed = line.algorithm[1] == 'D';
    memcpy(signature->id, line.id, sizeof line.id);
    memcpy(signature->data, line.data, sizeof line.data);
    signature->comment = memory_string(comment);
    return true;
}

enum status minisign_read(const char *path, struct minisign_signature *signature, struct error *error)
{
    struct bytes bytes;
    enum status status;

    begin();
    *signature = (struct minisign_signature){ 0 };
    status = read_text(path, &bytes, error);
    if (status)
        return status;
    if (!parse((char *)bytes.at, signature))
        status = error_set(error, STATUS_DATA, "%s: read: it is no signature of minisign, or not a whole one", path);
    free(bytes.at);
    return status;
}

void minisign_free(struct minisign_signature *signature)
{
    free(signature->comment);
    *signature = (struct minisign_signature){ 0 };
}

static bool is_signed(const unsigned char signature[MINISIGN_SIGNATURE], const void *data, size_t size,
                      const struct minisign_public_key *key)
{
    return crypto_sign_verify_detached(signature, data, size, key->key) == 0;
}

/* Is the file's hash, or the file itself, what was signed? */
static enum status check_file(const struct minisign_signature *signature, const struct minisign_public_key *key,
                              const char *path, bool *good, struct error *error)
{
    unsigned char hash[DIGEST_FILE];
    struct bytes bytes = { hash, sizeof hash };
    enum status status = signature->hashed ? digest_file(path, hash, error) : file_read(path, 0, &bytes, error);

    *good = !status && is_signed(signature->data, bytes.at, bytes.size, key);
    if (!signature->hashed)
        free(bytes.at);
    return status;
}

static bool is_comment_good(const struct minisign_signature *signature, const struct minisign_public_key *key)
{
    struct text joined = join(signature->data, signature->comment);
    bool good = is_signed(signature->global, joined.at, joined.length, key);

    text_free(&joined);
    return good;
}

enum status minisign_check(const struct minisign_signature *signature, const struct minisign_public_key *key,
                           const char *path, enum minisign_verdict *verdict, struct error *error)
{
    enum status status;
    bool good;

    *verdict = MINISIGN_OTHER_KEY;
    if (memcmp(signature->id, key->id, sizeof key->id) != 0)
        return STATUS_OK;
    status = check_file(signature, key, path, &good, error);
    *verdict = !good ? MINISIGN_OTHER_DATA : !is_comment_good(signature, key) ? MINISIGN_OTHER_COMMENT : MINISIGN_GOOD;
    return status;
}

void minisign_name(const unsigned char id[MINISIGN_ID], char name[MINISIGN_NAME])
{
    static const char digits[] = "0123456789ABCDEF";

    for (size_t i = 0; i < MINISIGN_ID; i++) {
        unsigned char byte = id[MINISIGN_ID - 1 - i];
        name[2 * i] = digits[byte >> 4];
        name[2 * i + 1] = digits[byte & 15];
    }
    name[MINISIGN_NAME - 1] = '\0';
}
