/* base/minisign: the files of minisign, byte by byte; the suites ckpt-verify-signatures and ckpt-release-sign have
 * minisign itself. */
#include "base/minisign.h"

#include "base/memory.h"
#include "unit.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* RFC 8032, 7.1, TEST 3. */
static const char seed[] = "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7";
static const char public[] = "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025";
static const char message[] = "\xaf\x82";
static const char signature_of_message[] = "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
                                           "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a";

static const unsigned char id[MINISIGN_ID] = { 1, 2, 3, 4, 5, 6, 7, 0xab };

enum { SEALED = 104, SECRET_LINE = 54 + SEALED, CHEAP_OPERATIONS = 32768, CHEAP_MEMORY = 1 << 24 };

static struct minisign_public_key verifier;

static const char *write_file(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "w");

    CHECK(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
    return path;
}

static char *base64(const void *data, size_t size)
{
    size_t room = sodium_base64_encoded_len(size, sodium_base64_VARIANT_ORIGINAL);

    return sodium_bin2base64(memory_new(room, 1), room, data, size, sodium_base64_VARIANT_ORIGINAL);
}

static void from_hex(const char *hex, unsigned char *bytes, size_t size)
{
    CHECK(sodium_hex2bin(bytes, size, hex, strlen(hex), NULL, NULL, NULL) == 0);
}

/* A file of a key: a comment and a line of base64. */
static const char *write_key(const char *name, const void *line, size_t size)
{
    char *encoded = base64(line, size), *text = memory_format("untrusted comment: a key\n%s\n", encoded);
    const char *path = write_file(name, text, strlen(text));

    free(encoded);
    free(text);
    return path;
}

/* The bytes of a secret key, not encrypted. */
static void make_secret(unsigned char line[SECRET_LINE])
{
    unsigned char *sealed = line + SECRET_LINE - SEALED, signed_part[2 + 8 + 64] = "Ed";

    memset(line, 0, SECRET_LINE);
    memcpy(line, "Ed\0\0B2", 6);
    memcpy(sealed, id, sizeof id);
    from_hex(seed, sealed + 8, 32);
    from_hex(public, sealed + 40, 32);
    memcpy(signed_part + 2, sealed, 72);
    crypto_generichash(sealed + 72, 32, signed_part, sizeof signed_part, NULL, 0);
}

static void put_number(unsigned char *to, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        to[i] = (unsigned char)(value >> 8 * i);
}

/* The same under a password. */
static void make_encrypted(unsigned char line[SECRET_LINE], const char *password)
{
    unsigned char stream[SEALED];

    make_secret(line);
    line[2] = 'S';
    line[3] = 'c';
    put_number(line + 38, CHEAP_OPERATIONS);
    put_number(line + 46, CHEAP_MEMORY);
    CHECK(crypto_pwhash_scryptsalsa208sha256(stream, SEALED, password, strlen(password), line + 6, CHEAP_OPERATIONS,
                                             CHEAP_MEMORY) == 0);
    for (size_t i = 0; i < SEALED; i++)
        line[54 + i] ^= stream[i];
}

/* `context` is the password, or NULL: there is none. */
static enum status answer(const char *path, char *password, size_t size, void *context, struct error *error)
{
    if (!context)
        return error_set(error, STATUS_UNAVAILABLE, "%s: nobody is asked", path);
    snprintf(password, size, "%s", (char *)context);
    return STATUS_OK;
}

static enum status read_secret(const char *path, const char *password, struct error *error)
{
    struct minisign_secret_key *key;
    enum status status = minisign_read_secret_key(path, answer, (char *)password, &key, error);

    CHECK((key == NULL) == (status != STATUS_OK));
    minisign_forget(key);
    return status;
}

/* (Allocated) a signature of the message by the key, in `comment`. */
static char *make_signature(const char *comment)
{
    unsigned char line[SECRET_LINE];
    struct minisign_secret_key *key;
    struct error error;
    char *text;

    make_secret(line);
    CHECK(minisign_read_secret_key(write_key("secret", line, sizeof line), answer, NULL, &key, &error) == STATUS_OK);
    text = minisign_sign(key, message, strlen(message), comment);
    minisign_forget(key);
    return text;
}

/* What the signature `text` says of a file, or -1 if it is none. */
static int judge(const char *text, size_t size, const struct minisign_public_key *key, const char *path)
{
    struct minisign_signature signature;
    enum minisign_verdict verdict;
    struct error error;
    int result = -1;

    if (minisign_read(write_file("file.minisig", text, size), &signature, &error))
        CHECK_EQUAL(error.status, STATUS_DATA);
    else if (CHECK(!minisign_check(&signature, key, path, &verdict, &error)))
        result = (int)verdict;
    minisign_free(&signature);
    return result;
}

static void the_signature_of_the_standard_is_good(void)
{
    unsigned char line[74] = "Ed", joined[64 + 2], global[64], secret[64];
    char *first, *second, *text;

    memcpy(line + 2, id, sizeof id);
    from_hex(signature_of_message, line + 10, 64);
    memcpy(joined, line + 10, 64);
    memcpy(joined + 64, "of", 2);
    from_hex(seed, secret, 32);
    from_hex(public, secret + 32, 32);
    crypto_sign_detached(global, NULL, joined, sizeof joined, secret);
    first = base64(line, sizeof line);
    second = base64(global, sizeof global);
    text = memory_format("untrusted comment: \n%s\r\ntrusted comment: of\r\n%s", first, second);
    CHECK_EQUAL(judge(text, strlen(text), &verifier, write_file("file", message, 2)), MINISIGN_GOOD);
    CHECK_EQUAL(judge(text, strlen(text), &verifier, write_file("other", message, 1)), MINISIGN_OTHER_DATA);
    free(first);
    free(second);
    free(text);
}

static void what_was_changed_is_told(void)
{
    const char *path = write_file("file", message, strlen(message)), *other = write_file("other", "", 0);
    char *text = make_signature("one two");
    struct minisign_public_key stranger = verifier, impostor = verifier;

    stranger.id[0] ^= 1;
    impostor.key[0] ^= 1;
    CHECK_EQUAL(judge(text, strlen(text), &verifier, path), MINISIGN_GOOD);
    CHECK_EQUAL(judge(text, strlen(text), &stranger, path), MINISIGN_OTHER_KEY);
    CHECK_EQUAL(judge(text, strlen(text), &impostor, path), MINISIGN_OTHER_DATA);
    CHECK_EQUAL(judge(text, strlen(text), &verifier, other), MINISIGN_OTHER_DATA);
    memcpy(strstr(text, "two"), "owt", 3);
    CHECK_EQUAL(judge(text, strlen(text), &verifier, path), MINISIGN_OTHER_COMMENT);
    CHECK_EQUAL(judge(text, strlen(text), &verifier, other), MINISIGN_OTHER_DATA);
    free(text);
}

/* But for the newline at its end. */
static void no_shorter_signature_is_one(void)
{
    const char *path = write_file("file", message, strlen(message));
    char *text = make_signature("one two");
    size_t whole = strlen(text) - 1;

    CHECK_EQUAL(judge(text, whole, &verifier, path), MINISIGN_GOOD);
    for (size_t size = 0; size < whole; size++)
        CHECK_EQUAL(judge(text, size, &verifier, path), -1);
    free(text);
}

/* But for those of the untrusted comment. */
static void no_changed_byte_of_a_signature_is_missed(void)
{
    const char *path = write_file("file", message, strlen(message));
    char *text = make_signature("one two");
    size_t comment = strlen("untrusted comment: "), end = strcspn(text, "\n");

    for (size_t i = 0; i < strlen(text) - 1; i++)
        for (int bit = 0; bit < 8; bit++) {
            text[i] ^= (char)(1 << bit);
            if (i < comment || i >= end)
                CHECK(judge(text, strlen(text), &verifier, path) != MINISIGN_GOOD);
            text[i] ^= (char)(1 << bit);
        }
    CHECK_EQUAL(judge(text, strlen(text), &verifier, path), MINISIGN_GOOD);
    free(text);
}

static void a_comment_stays_on_its_line(void)
{
    const char *path = write_file("file", message, strlen(message));
    char *text = make_signature("one\ntwo\r \x1b");
    struct minisign_signature signature;
    struct error error;

    CHECK_EQUAL(judge(text, strlen(text), &verifier, path), MINISIGN_GOOD);
    CHECK(!minisign_read("file.minisig", &signature, &error));
    CHECK_TEXT(signature.comment, "one\\x0atwo\\x0d \\x1b");
    minisign_free(&signature);
    free(text);
}

static void a_file_that_cannot_be_read_is_no_verdict(void)
{
    char *text = make_signature("");
    struct minisign_signature signature;
    enum minisign_verdict verdict;
    struct error error;

    CHECK(!minisign_read(write_file("file.minisig", text, strlen(text)), &signature, &error));
    CHECK_EQUAL(minisign_check(&signature, &verifier, "nowhere", &verdict, &error), STATUS_NO_INPUT);
    CHECK_EQUAL(minisign_check(&signature, &verifier, ".", &verdict, &error), STATUS_NO_INPUT);
    minisign_free(&signature);
    CHECK_EQUAL(minisign_read("nowhere", &signature, &error), STATUS_NO_INPUT);
    minisign_free(&signature);
    free(text);
}

static void a_public_key_is_a_file_or_its_line(void)
{
    unsigned char line[42] = "Ed";
    struct minisign_public_key key;
    struct error error;
    char *encoded, name[MINISIGN_NAME];

    memcpy(line + 2, id, sizeof id);
    from_hex(public, line + 10, 32);
    encoded = base64(line, sizeof line);
    CHECK(!minisign_read_public_key(write_key("public", line, sizeof line), &key, &error));
    CHECK(memcmp(&key, &verifier, sizeof key) == 0);
    CHECK(!minisign_read_public_key(encoded, &key, &error));
    CHECK(!minisign_read_public_key(write_file("line", encoded, strlen(encoded)), &key, &error));
    minisign_name(key.id, name);
    CHECK_TEXT(name, "AB07060504030201");
    line[0] = 'X';
    CHECK_EQUAL(minisign_read_public_key(write_key("public", line, sizeof line), &key, &error), STATUS_DATA);
    CHECK_EQUAL(minisign_read_public_key(write_key("public", line, 41), &key, &error), STATUS_DATA);
    CHECK_EQUAL(minisign_read_public_key(write_file("public", "", 0), &key, &error), STATUS_DATA);
    CHECK_EQUAL(minisign_read_public_key(write_file("public", "a\0b", 3), &key, &error), STATUS_DATA);
    CHECK_EQUAL(minisign_read_public_key("nowhere", &key, &error), STATUS_NO_INPUT);
    free(encoded);
}

static void a_secret_key_proves_itself(void)
{
    unsigned char line[SECRET_LINE];
    struct error error;

    make_secret(line);
    CHECK_EQUAL(read_secret(write_key("secret", line, sizeof line), NULL, &error), STATUS_OK);
    for (size_t i = 0; i < SECRET_LINE; i++) {
        bool counts = i < 6 || i >= SECRET_LINE - SEALED; /* not the salt, and what it would cost */
        line[i] ^= 1;
        CHECK_EQUAL(read_secret(write_key("secret", line, sizeof line), NULL, &error),
                    counts ? STATUS_DATA : STATUS_OK);
        line[i] ^= 1;
    }
    memset(line + SECRET_LINE - 32, 0, 32); /* as older versions wrote it */
    CHECK_EQUAL(read_secret(write_key("secret", line, sizeof line), NULL, &error), STATUS_OK);
    for (size_t size = 0; size < SECRET_LINE; size++)
        CHECK_EQUAL(read_secret(write_key("secret", line, size), NULL, &error), STATUS_DATA);
}

static void a_password_is_right_or_wrong(void)
{
    unsigned char line[SECRET_LINE];
    struct error error;
    const char *path;

    make_encrypted(line, "open sesame");
    path = write_key("encrypted", line, sizeof line);
    CHECK_EQUAL(read_secret(path, "open sesame", &error), STATUS_OK);
    CHECK_EQUAL(read_secret(path, "open barley", &error), STATUS_DATA);
    CHECK(strstr(error.text, "encrypted: decrypt: the password is wrong"));
    CHECK_EQUAL(read_secret(path, "", &error), STATUS_DATA);
    CHECK_EQUAL(read_secret(path, NULL, &error), STATUS_UNAVAILABLE);
    memset(line + SECRET_LINE - 32, 0, 32);
    CHECK_EQUAL(read_secret(write_key("encrypted", line, sizeof line), "open sesame", &error), STATUS_DATA);
}

/* 2^25 operations in 2^30 bytes are minisign's. It is not asked for a password then. */
static void a_key_that_costs_too_much_is_refused(void)
{
    unsigned char line[SECRET_LINE];
    struct error error;

    make_encrypted(line, "a");
    put_number(line + 38, (1 << 25) + 1);
    CHECK_EQUAL(read_secret(write_key("encrypted", line, sizeof line), NULL, &error), STATUS_DATA);
    put_number(line + 38, 1 << 25);
    put_number(line + 46, (1 << 30) + 1);
    CHECK_EQUAL(read_secret(write_key("encrypted", line, sizeof line), NULL, &error), STATUS_DATA);
    put_number(line + 46, 1 << 30);
    CHECK_EQUAL(read_secret(write_key("encrypted", line, sizeof line), NULL, &error), STATUS_UNAVAILABLE);
}

int main(void)
{
    CHECK(sodium_init() >= 0 && chdir(unit_directory()) == 0);
    memcpy(verifier.id, id, sizeof id);
    from_hex(public, verifier.key, sizeof verifier.key);
    TEST(the_signature_of_the_standard_is_good);
    TEST(what_was_changed_is_told);
    TEST(no_shorter_signature_is_one);
    TEST(no_changed_byte_of_a_signature_is_missed);
    TEST(a_comment_stays_on_its_line);
    TEST(a_file_that_cannot_be_read_is_no_verdict);
    TEST(a_public_key_is_a_file_or_its_line);
    TEST(a_secret_key_proves_itself);
    TEST(a_password_is_right_or_wrong);
    TEST(a_key_that_costs_too_much_is_refused);
    return unit_finish();
}
