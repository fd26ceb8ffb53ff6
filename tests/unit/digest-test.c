#include "unit.h"

#include "base/digest.h"

#include <string.h>

static const char *digest_of(enum digest_kind kind, const void *data, size_t size)
{
    static char hex[DIGEST_SIZE];
    struct digest *digest = digest_new(kind);

    digest_add(digest, data, size);
    digest_end(digest, hex);
    return hex;
}

/* BLAKE2b with a digest of 32 bytes and no key: what `b2sum -l 256` prints. */
static void blake2b_is_that_of_its_authors(void)
{
    CHECK_TEXT(digest_of(DIGEST_BLAKE2B, "", 0), "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
    CHECK_TEXT(digest_of(DIGEST_BLAKE2B, "abc", 3), "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
}

/* FIPS 180-4's examples. */
static void sha256_is_that_of_the_standard(void)
{
    static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

    CHECK_TEXT(digest_of(DIGEST_SHA256, "", 0), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK_TEXT(digest_of(DIGEST_SHA256, "abc", 3), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK_TEXT(digest_of(DIGEST_SHA256, two_blocks, strlen(two_blocks)),
               "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void pieces_make_the_digest_of_the_whole(void)
{
    unsigned char data[1000];

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * i);
    for (enum digest_kind kind = DIGEST_BLAKE2B; kind <= DIGEST_SHA256; kind++)
        for (size_t cut = 0; cut <= sizeof data; cut += 37) {
            struct digest *digest = digest_new(kind);
            char hex[DIGEST_SIZE];

            digest_add(digest, data, cut);
            digest_add(digest, data + cut, sizeof data - cut);
            digest_end(digest, hex);
            CHECK_TEXT(digest_of(kind, data, sizeof data), hex);
        }
}

static void numbers_are_eight_bytes_the_lowest_first(void)
{
    struct digest *digest = digest_new(DIGEST_BLAKE2B);
    char hex[DIGEST_SIZE];

    digest_add_u64(digest, 0x0102030405060708);
    digest_end(digest, hex);
    CHECK_TEXT(digest_of(DIGEST_BLAKE2B, "\x08\x07\x06\x05\x04\x03\x02\x01", 8), hex);
}

static void only_64_lower_case_digits_are_a_digest(void)
{
    char hex[DIGEST_SIZE + 1] = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    CHECK(digest_is_hex(hex));
    hex[10] = 'A';
    CHECK(!digest_is_hex(hex));
    hex[10] = 'g';
    CHECK(!digest_is_hex(hex));
    hex[10] = '\0';
    CHECK(!digest_is_hex(hex));
    hex[10] = 'a';
    hex[64] = '0';
    CHECK(!digest_is_hex(hex));
    CHECK(!digest_is_hex(""));
    CHECK(!digest_is_hex("none"));
}

int main(void)
{
    TEST(blake2b_is_that_of_its_authors);
    TEST(sha256_is_that_of_the_standard);
    TEST(pieces_make_the_digest_of_the_whole);
    TEST(numbers_are_eight_bytes_the_lowest_first);
    TEST(only_64_lower_case_digits_are_a_digest);
    return unit_finish();
}
