#include "unit.h"

#include "base/digest.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

static void write_file(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "w");

    CHECK(file && fwrite(data, 1, size, file) == size && fclose(file) == 0);
}

/* RFC 7693, appendix A: what `b2sum` prints. */
static void a_file_is_hashed_as_by_its_authors(void)
{
    unsigned char hash[DIGEST_FILE];
    char hex[2 * DIGEST_FILE + 1];
    struct error error;

    write_file("abc", "abc", 3);
    CHECK(!digest_file("abc", hash, &error));
    CHECK_TEXT(sodium_bin2hex(hex, sizeof hex, hash, sizeof hash),
               "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
               "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
}

static void a_file_of_any_size_is_hashed_whole(void)
{
    static unsigned char data[200000];
    static const size_t sizes[] = { 0, 1, 65535, 65536, 65537, 131072, sizeof data };
    unsigned char hash[DIGEST_FILE], whole[DIGEST_FILE];
    struct error error;

    for (size_t i = 0; i < sizeof data; i++)
        data[i] = (unsigned char)(i * i >> 3);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        write_file("data", data, sizes[i]);
        CHECK(!digest_file("data", hash, &error));
        crypto_generichash(whole, sizeof whole, data, sizes[i], NULL, 0);
        CHECK(memcmp(hash, whole, sizeof hash) == 0);
    }
}

static void what_is_no_file_has_no_hash(void)
{
    unsigned char hash[DIGEST_FILE];
    struct error error;

    CHECK_EQUAL(digest_file("nowhere", hash, &error), STATUS_NO_INPUT);
    CHECK_TEXT(error.text, "nowhere: open: no such file or directory");
    CHECK_EQUAL(digest_file(".", hash, &error), STATUS_NO_INPUT);
    CHECK_EQUAL(digest_file("/proc/self/mem", hash, &error), STATUS_IO);
}

int main(void)
{
    CHECK(chdir(unit_directory()) == 0);
    TEST(blake2b_is_that_of_its_authors);
    TEST(sha256_is_that_of_the_standard);
    TEST(pieces_make_the_digest_of_the_whole);
    TEST(numbers_are_eight_bytes_the_lowest_first);
    TEST(only_64_lower_case_digits_are_a_digest);
    TEST(a_file_is_hashed_as_by_its_authors);
    TEST(a_file_of_any_size_is_hashed_whole);
    TEST(what_is_no_file_has_no_hash);
    return unit_finish();
}
