/*
 * Digests of bytes, in lower-case hexadecimal.
 *
 *     struct digest *digest = digest_new(DIGEST_BLAKE2B);
 *     digest_add(digest, data, size);
 *     digest_end(digest, hex);                 // frees `digest`
 *
 * BLAKE2b-256 (RFC 7693) identifies checkpoints and data sets; SHA-256 (FIPS 180-4) checks downloads. Both are
 * libsodium's.
 *
 * Of whole files, as the tools of others look at them, there is BLAKE2b-512: what b2sum(1) prints and minisign signs.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DIGEST_HEX = 64, DIGEST_SIZE = DIGEST_HEX + 1 /* with its NUL */ };

enum digest_kind { DIGEST_BLAKE2B, DIGEST_SHA256 };

struct digest;

struct digest *digest_new(enum digest_kind kind);
void digest_add(struct digest *digest, const void *data, size_t size);
void digest_add_u64(struct digest *digest, uint64_t value); /* eight bytes, little-endian */
void digest_end(struct digest *digest, char hex[DIGEST_SIZE]);
void digest_free(struct digest *digest); /* of one that is not ended */

/* The BLAKE2b-512 of all of a file, through one open, a block at a time. 66, 74, 71: it cannot be read. */
enum { DIGEST_FILE = 64 };
enum status digest_file(const char *path, unsigned char hash[DIGEST_FILE], struct error *error);

/* Is `string` 64 lower-case hexadecimal digits? */
bool digest_is_hex(const char *string);

#endif
