/*
 * Signatures as minisign makes and checks them: https://jedisct1.github.io/minisign/ ("Signature format", "Public key
 * format", "Secret key format"). Ed25519 (RFC 8032), BLAKE2b (RFC 7693) and scrypt (RFC 7914) are libsodium's.
 *
 *     struct minisign_secret_key *key;
 *     char *text;
 *     if (minisign_read_secret_key("rote.key", ask, NULL, &key, &error))
 *         die_error(&error);
 *     text = minisign_sign(key, data, size, "digest=...");
 *     ... write it to minisign_path("net") ...
 *     free(text);
 *     minisign_forget(key);
 *
 *     struct minisign_public_key key;
 *     struct minisign_signature signature;
 *     if (minisign_read_public_key("rote.pub", &key, &error) || minisign_read("net.minisig", &signature, &error) ||
 *         minisign_check(&signature, &key, "net", &verdict, &error))
 *         die_error(&error);
 *     switch (verdict) ...
 *     minisign_free(&signature);
 */
#ifndef BASE_MINISIGN_H
#define BASE_MINISIGN_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum { MINISIGN_ID = 8, MINISIGN_PUBLIC = 32, MINISIGN_SIGNATURE = 64, MINISIGN_NAME = 2 * MINISIGN_ID + 1 };

struct minisign_public_key {
    unsigned char id[MINISIGN_ID], key[MINISIGN_PUBLIC];
};

struct minisign_signature {
    bool hashed; /* of the data's BLAKE2b-512; else of the data itself, as old versions signed */
    unsigned char id[MINISIGN_ID], data[MINISIGN_SIGNATURE], global[MINISIGN_SIGNATURE];
    char *comment; /* the trusted one: signed, too */
};

struct minisign_secret_key; /* in memory that is locked, and wiped when it is freed */

/* The key of `path`, or of a line of base64 itself. 65: it is none. */
enum status minisign_read_public_key(const char *path, struct minisign_public_key *key, struct error *error);

/*
 * The key of `path`. If it is encrypted, `ask` puts the password into `password` (a string of less than `size` bytes),
 * or says why it cannot. 65: it is no secret key, it asks for more work than minisign's do, or the password is wrong.
 * The caller ends it by minisign_forget().
 */
enum { MINISIGN_PASSWORD = 1024 };
typedef enum status minisign_ask(const char *path, char *password, size_t size, void *context, struct error *error);
enum status minisign_read_secret_key(const char *path, minisign_ask *ask, void *context,
                                     struct minisign_secret_key **key, struct error *error);
void minisign_forget(struct minisign_secret_key *key);

/* (Allocated) where the signature of a file stands: beside it, as PATH.minisig. */
char *minisign_path(const char *path);

/* (Allocated) the text of a signature of the data and of `comment`, as people are shown it (text_show()): it stays on
   its line. */
char *minisign_sign(const struct minisign_secret_key *key, const void *data, size_t size, const char *comment);

/* 65: it is no signature, or not a whole one. The caller frees it. */
enum status minisign_read(const char *path, struct minisign_signature *signature, struct error *error);
void minisign_free(struct minisign_signature *signature);

enum minisign_verdict { MINISIGN_GOOD, MINISIGN_OTHER_KEY, MINISIGN_OTHER_DATA, MINISIGN_OTHER_COMMENT };

/* Is the file `path` what was signed by the key? One that is not hashed is read into memory. 66, 74, 71: it cannot be
   read. */
enum status minisign_check(const struct minisign_signature *signature, const struct minisign_public_key *key,
                           const char *path, enum minisign_verdict *verdict, struct error *error);

/* A key's name as minisign shows it: 16 hexadecimal digits, capitals. (Its early versions leave out zeros in front.) */
void minisign_name(const unsigned char id[MINISIGN_ID], char name[MINISIGN_NAME]);

#endif
