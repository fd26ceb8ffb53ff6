/*
 * Digests of bytes, in lower-case hexadecimal.
 *
 *     struct digest *digest = digest_new(DIGEST_BLAKE2B);
 *     digest_add(digest, data, size);
 *     digest_end(digest, hex);                 // frees `digest`
 *
 * BLAKE2b-256 (RFC 7693) identifies checkpoints and data sets; SHA-256 (FIPS 180-4) checks downloads. Both are
 * libsodium's.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

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

/* Is `string` 64 lower-case hexadecimal digits? */
bool digest_is_hex(const char *string);

#endif
