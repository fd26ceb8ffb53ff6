#include "base/digest.h"

#include "base/file.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct digest {
    enum digest_kind kind;
    crypto_generichash_state blake2b;
    crypto_hash_sha256_state sha256;
};

struct digest *digest_new(enum digest_kind kind)
{
    struct digest *digest = aligned_alloc(64, (sizeof *digest + 63) / 64 * 64); /* libsodium's state wants 64 */

    if (!digest || sodium_init() < 0)
        die(STATUS_RESOURCE, "out of memory");
    digest->kind = kind;
    if (kind == DIGEST_BLAKE2B)
        crypto_generichash_init(&digest->blake2b, NULL, 0, DIGEST_HEX / 2);
    else
        crypto_hash_sha256_init(&digest->sha256);
    return digest;
}

void digest_add(struct digest *digest, const void *data, size_t size)
{
    if (digest->kind == DIGEST_BLAKE2B)
        crypto_generichash_update(&digest->blake2b, data, size);
    else
        crypto_hash_sha256_update(&digest->sha256, data, size);
}

void digest_add_u64(struct digest *digest, uint64_t value)
{
    unsigned char bytes[8];

    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)(value >> 8 * i);
    digest_add(digest, bytes, sizeof bytes);
}

void digest_end(struct digest *digest, char hex[DIGEST_SIZE])
{
    unsigned char bytes[DIGEST_HEX / 2];

    if (digest->kind == DIGEST_BLAKE2B)
        crypto_generichash_final(&digest->blake2b, bytes, sizeof bytes);
    else
        crypto_hash_sha256_final(&digest->sha256, bytes);
    sodium_bin2hex(hex, DIGEST_SIZE, bytes, sizeof bytes);
    digest_free(digest);
}

void digest_free(struct digest *digest)
{
    free(digest);
}

static enum status hash_opened(int fd, const char *path, unsigned char hash[DIGEST_FILE], struct error *error)
{
    crypto_generichash_state state;
    unsigned char block[65536];
    ptrdiff_t n;

    if (sodium_init() < 0)
        die(STATUS_RESOURCE, "out of memory");
    crypto_generichash_init(&state, NULL, 0, DIGEST_FILE);
    while ((n = file_read_fully(fd, block, sizeof block)) > 0)
        crypto_generichash_update(&state, block, (size_t)n);
    if (n < 0)
        return error_system(error, ACCESS_READ, path, "read");
    crypto_generichash_final(&state, hash, DIGEST_FILE);
    return STATUS_OK;
}

enum status digest_file(const char *path, unsigned char hash[DIGEST_FILE], struct error *error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum status status;

    if (fd < 0)
        return error_system(error, ACCESS_READ, path, "open");
    status = hash_opened(fd, path, hash, error);
    close(fd);
    return status;
}

bool digest_is_hex(const char *string)
{
    return strlen(string) == DIGEST_HEX && strspn(string, "0123456789abcdef") == DIGEST_HEX;
}
