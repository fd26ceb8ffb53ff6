/* format/idx.h and format/gzip.h: a tiny data set in every form, and every way to spoil it. */
#include "format/idx.h"

#include "base/file.h"
#include "base/memory.h"
#include "unit.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { IMAGE_SIZE = 16 + 3 * 2 * 2, LABEL_SIZE = 8 + 3 };

/* Three pictures of 2 x 2 pixels. */
static const unsigned char image[IMAGE_SIZE] = { 0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2,  0,  0,
                                                 0, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255 };
static const unsigned char label[LABEL_SIZE] = { 0, 0, 8, 1, 0, 0, 0, 3, 4, 0, 2 };

/* The path of `name` in the test's directory, until the next call but three. */
static const char *in_directory(const char *name)
{
    static char *paths[4];
    static size_t next;
    char **path = &paths[next++ % 4];

    free(*path);
    *path = memory_format("%s/%s", unit_directory(), name);
    return *path;
}

static void put(const char *name, const void *bytes, size_t size)
{
    int fd = open(in_directory(name), O_WRONLY | O_CREAT | O_TRUNC, 0666);

    CHECK(fd >= 0 && file_write_fully(fd, bytes, size) == 0 && close(fd) == 0);
}

static void drop(const char *name)
{
    CHECK(unlink(in_directory(name)) == 0);
}

static void put_tiny(void)
{
    put("t-images-idx3-ubyte", image, sizeof image);
    put("t-labels-idx1-ubyte", label, sizeof label);
}

/* gzip `size` bytes into `to`, which has room for 1000 more than that; returns how many it takes. */
static size_t compress_to(unsigned char *to, const void *from, size_t size)
{
    z_stream stream = { .next_in = (unsigned char *)from, .avail_in = (unsigned)size };
    size_t n;

    CHECK(deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
    stream.next_out = to;
    stream.avail_out = (unsigned)size + 1000;
    CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
    n = stream.total_out;
    deflateEnd(&stream);
    return n;
}

static void check_tiny(const char *operand)
{
    struct idx_set set;
    struct error error = { .text = "" };

    if (CHECK(idx_read(in_directory(operand), &set, &error) == STATUS_OK)) {
        CHECK_EQUAL(set.count, 3);
        CHECK_EQUAL(set.channels, 1);
        CHECK_EQUAL(set.rows, 2);
        CHECK_EQUAL(set.columns, 2);
        CHECK_EQUAL(set.classes, 5);
        CHECK(memcmp(set.pixels, image + 16, 12) == 0);
        CHECK(set.labels[0] == 4 && set.labels[1] == 0 && set.labels[2] == 2);
    } else
        CHECK_TEXT(error.text, "");
    idx_free(&set);
}

/* Reading `operand` must fail with `status` and a message that contains `part`, and leave an empty set. */
static void check_refused(const char *operand, enum status status, const char *part)
{
    struct idx_set set;
    struct error error = { .text = "" };

    CHECK_EQUAL(idx_read(in_directory(operand), &set, &error), status);
    CHECK_EQUAL(error.status, status);
    if (!CHECK(strstr(error.text, part)))
        CHECK_TEXT(error.text, part);
    CHECK(!set.pixels && !set.labels && set.count == 0);
}

static void a_raw_set_is_read(void)
{
    put_tiny();
    check_tiny("t");
    check_tiny("t@");
}

static void gzip_is_known_by_its_content(void)
{
    unsigned char packed[1100];

    put("t-labels-idx1-ubyte", packed, compress_to(packed, label, sizeof label));
    check_tiny("t");
    drop("t-images-idx3-ubyte");
    put("t-images-idx3-ubyte.gz", packed, compress_to(packed, image, sizeof image));
    check_tiny("t");
    put("t-images-idx3-ubyte.gz", image, sizeof image);
    check_tiny("t");
    drop("t-images-idx3-ubyte.gz");
    put_tiny();
}

static void a_raw_file_goes_before_a_packed_one(void)
{
    put("t-images-idx3-ubyte.gz", "no picture", 10);
    check_tiny("t");
    drop("t-images-idx3-ubyte.gz");
}

static void several_gzip_members_are_one_file(void)
{
    unsigned char packed[3000];
    size_t n = compress_to(packed, image, 5);

    n += compress_to(packed + n, image + 5, 0);
    n += compress_to(packed + n, image + 5, sizeof image - 5);
    put("t-images-idx3-ubyte", packed, n);
    check_tiny("t");
    put_tiny();
}

static void a_raw_file_cut_anywhere_is_refused(void)
{
    for (size_t n = 0; n < sizeof image; n++) {
        put("t-images-idx3-ubyte", image, n);
        check_refused("t", STATUS_DATA, n < 16 ? "ends after" : "of 28 bytes");
    }
    put_tiny();
    for (size_t n = 0; n < sizeof label; n++) {
        put("t-labels-idx1-ubyte", label, n);
        check_refused("t", STATUS_DATA, n < 8 ? "inside its header" : "of 11 bytes");
    }
    put_tiny();
}

static void a_gzip_file_cut_anywhere_is_refused(void)
{
    unsigned char packed[1100];
    size_t size = compress_to(packed, image, sizeof image);

    for (size_t n = 0; n < size; n++) {
        put("t-images-idx3-ubyte", packed, n);
        check_refused("t", STATUS_DATA, n < 2 ? "ends after" : "cut short");
    }
    put_tiny();
}

/* What a flipped bit breaks differs, but no flip changes what is read: five bytes of the header are no one's (time,
 * extra flags, system), and the check sum covers the rest. */
static void a_flipped_bit_in_a_gzip_file_never_changes_what_is_read(void)
{
    unsigned char packed[1100];
    size_t size = compress_to(packed, image, sizeof image), refused = 0;

    for (size_t bit = 0; bit < 8 * size; bit++) {
        struct idx_set set;

        packed[bit / 8] ^= (unsigned char)(1 << bit % 8);
        put("t-images-idx3-ubyte", packed, size);
        if (idx_read(in_directory("t"), &set, NULL) == STATUS_DATA)
            refused++;
        else
            CHECK(set.pixels && memcmp(set.pixels, image + 16, 12) == 0);
        idx_free(&set);
        packed[bit / 8] ^= (unsigned char)(1 << bit % 8);
    }
    CHECK(refused >= 8 * (size - 10));
    put_tiny();
}

static void bytes_after_the_end_are_refused(void)
{
    unsigned char longer[IMAGE_SIZE + 1] = { 0 }, packed[1100];
    size_t n;

    memcpy(longer, image, sizeof image);
    put("t-images-idx3-ubyte", longer, sizeof longer);
    check_refused("t", STATUS_DATA, "more than the 28 bytes");
    put("t-images-idx3-ubyte", packed, compress_to(packed, longer, sizeof longer));
    check_refused("t", STATUS_DATA, "more than the 28 bytes");
    n = compress_to(packed, image, sizeof image);
    packed[n] = 0;
    put("t-images-idx3-ubyte", packed, n + 1);
    check_refused("t", STATUS_DATA, "unpack: something else follows");
    put_tiny();
}

/* Spoil byte `at` of the pictures' file, and with it what `part` of the message says. */
static void check_spoilt(size_t at, unsigned char value, const char *part)
{
    unsigned char spoilt[IMAGE_SIZE], packed[1100];

    memcpy(spoilt, image, sizeof image);
    spoilt[at] = value;
    put("t-images-idx3-ubyte", spoilt, sizeof spoilt);
    check_refused("t", STATUS_DATA, part);
    put("t-images-idx3-ubyte", packed, compress_to(packed, spoilt, sizeof spoilt));
    check_refused("t", STATUS_DATA, part);
    put_tiny();
}

static void a_wrong_header_is_refused(void)
{
    check_spoilt(0, 1, "magic 0x01000803 is not that of pictures (0x00000803 or 0x00000804)");
    check_spoilt(2, 0x0d, "magic 0x00000d03 is not that of pictures");
    check_spoilt(3, 2, "magic 0x00000802 is not that of pictures");
    check_spoilt(3, 5, "magic 0x00000805 is not that of pictures");
    check_spoilt(7, 0, "dimension 1 of 3 is zero");
    check_spoilt(11, 0, "dimension 2 of 3 is zero");
    check_spoilt(15, 0, "dimension 3 of 3 is zero");
    check_spoilt(7, 4, "ends after 28 of 32 bytes");
    check_spoilt(7, 2, "more than the 24 bytes");
}

static void labels_of_a_wrong_kind_are_refused(void)
{
    unsigned char spoilt[LABEL_SIZE];

    memcpy(spoilt, label, sizeof label);
    spoilt[3] = 3;
    put("t-labels-idx1-ubyte", spoilt, sizeof spoilt);
    check_refused("t", STATUS_DATA, "magic 0x00000803 is not that of labels (0x00000801 or 0x00000b01)");
    put_tiny();
}

static void a_header_that_promises_too_much_allocates_nothing(void)
{
    static const unsigned char huge[20] = { 0,    0,    8,    4,    0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                            0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
    static const unsigned char large[16] = { 0, 0, 8, 3, 0xff, 0, 0, 0, 0, 0, 0xff, 0, 0, 0, 0xff, 0 };
    unsigned char packed[1100];

    put("t-images-idx3-ubyte", huge, sizeof huge);
    check_refused("t", STATUS_DATA, "more bytes than a file can have");
    put("t-images-idx3-ubyte", packed, compress_to(packed, huge, sizeof huge));
    check_refused("t", STATUS_DATA, "more bytes than a file can have");
    put("t-images-idx3-ubyte", large, sizeof large);
    check_refused("t", STATUS_DATA, "ends after 16 of 18231414617014272016 bytes");
    put("t-images-idx3-ubyte", packed, compress_to(packed, large, sizeof large));
    check_refused("t", STATUS_DATA, "compressed ones can hold");
    put_tiny();
}

static void counts_that_differ_are_refused(void)
{
    static const unsigned char two[10] = { 0, 0, 8, 1, 0, 0, 0, 2, 4, 0 };

    put("t-labels-idx1-ubyte", two, sizeof two);
    check_refused("t", STATUS_DATA, "t-images-idx3-ubyte: 3 pictures but 2 labels in ");
    put_tiny();
}

static void two_variants_beside_each_other_are_refused(void)
{
    put("t-labels-idx1-short.gz", label, sizeof label);
    check_refused("t", STATUS_DATA, "t-labels-idx1-short.gz is there too");
    drop("t-labels-idx1-short.gz");
    check_tiny("t");
}

static void a_missing_file_is_66(void)
{
    check_refused("nothing", STATUS_NO_INPUT, "nothing-images-idx3-ubyte: open: no such file");
    drop("t-labels-idx1-ubyte");
    check_refused("t", STATUS_NO_INPUT, "t-labels-idx1-ubyte: open: no such file");
    put_tiny();
    check_refused("t@nothing", STATUS_NO_INPUT, "nothing: open: no such file");
}

static void short_labels_are_big_endian_and_not_negative(void)
{
    static const unsigned char wide[14] = { 0, 0, 11, 1, 0, 0, 0, 3, 0x7f, 0xff, 1, 0, 0, 9 };
    unsigned char negative[14];
    struct idx_set set;

    drop("t-labels-idx1-ubyte");
    put("t-labels-idx1-short", wide, sizeof wide);
    CHECK_EQUAL(idx_read(in_directory("t"), &set, NULL), STATUS_OK);
    CHECK_EQUAL(set.classes, IDX_MOST_CLASSES);
    CHECK(set.labels[0] == 32767 && set.labels[1] == 256 && set.labels[2] == 9);
    idx_free(&set);
    memcpy(negative, wide, sizeof wide);
    negative[10] = negative[11] = 0xff;
    put("t-labels-idx1-short", negative, sizeof negative);
    check_refused("t", STATUS_DATA, "label -1 of sample 1 is negative");
    drop("t-labels-idx1-short");
    put_tiny();
}

static void channels_come_before_rows(void)
{
    static const unsigned char colour[20 + 12] = { 0, 0, 8, 4, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0,  0,  2,
                                                   0, 0, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 };
    static const unsigned char one[9] = { 0, 0, 8, 1, 0, 0, 0, 1, 7 };
    struct idx_set set;

    put("c-images-idx4-ubyte", colour, sizeof colour);
    put("c-labels-idx1-ubyte", one, sizeof one);
    CHECK_EQUAL(idx_read(in_directory("c"), &set, NULL), STATUS_OK);
    CHECK(set.count == 1 && set.channels == 3 && set.rows == 2 && set.columns == 2 && set.classes == 8);
    CHECK(memcmp(set.pixels, colour + 20, 12) == 0);
    idx_free(&set);
}

static void a_list_selects_samples_in_its_order(void)
{
    struct idx_set set;

    put("list", "2\n0\n2", 5);
    char *operand = memory_format("%s/t@%s/list", unit_directory(), unit_directory());
    CHECK_EQUAL(idx_read(operand, &set, NULL), STATUS_OK);
    CHECK(set.count == 3 && set.classes == 5);
    CHECK(set.labels[0] == 2 && set.labels[1] == 4 && set.labels[2] == 2);
    CHECK(memcmp(set.pixels, image + 24, 4) == 0 && memcmp(set.pixels + 4, image + 16, 4) == 0);
    idx_free(&set);
    put("list", "1\n", 2);
    CHECK_EQUAL(idx_read(operand, &set, NULL), STATUS_OK);
    CHECK(set.count == 1 && set.classes == 1);
    idx_free(&set);
    free(operand);
}

static void check_list_refused(const char *lines, size_t size, const char *part)
{
    uint32_t *list;
    size_t n;
    struct error error = { .text = "" };

    put("list", lines, size);
    CHECK_EQUAL(idx_read_list(in_directory("list"), 3, &list, &n, &error), STATUS_DATA);
    if (!CHECK(strstr(error.text, part)))
        CHECK_TEXT(error.text, part);
    CHECK(!list && n == 0);
}

static void a_wrong_list_is_refused(void)
{
    check_list_refused("", 0, "list: names no sample");
    check_list_refused("0\n3\n", 4, "list: line 2: there is no sample 3: the set has 3, from 0");
    check_list_refused("0\n\n1\n", 5, "list: line 2: not a sample number");
    check_list_refused("-1\n", 3, "line 1: not a sample number");
    check_list_refused("1 \n", 3, "line 1: not a sample number");
    check_list_refused("1\0\n", 3, "line 1: not a sample number");
    check_list_refused("1\r\n", 3, "line 1: not a sample number");
    check_list_refused("18446744073709551616\n", 21, "line 1: not a sample number");
}

static void a_list_that_is_written_is_read_again(void)
{
    static const uint32_t written[] = { 0, 4294967294u, 7, 7 };
    uint32_t *list;
    size_t n;

    idx_write_list(written, 4, in_directory("list"), OUTPUT_REPLACE);
    CHECK_EQUAL(idx_read_list(in_directory("list"), 4294967295u, &list, &n, NULL), STATUS_OK);
    CHECK(n == 4 && memcmp(list, written, sizeof written) == 0);
    free(list);
}

static void check_round_trip(const struct idx_set *set, const char *image_name, const char *label_name)
{
    char *prefix = memory_format("%s/w", unit_directory()), before[DIGEST_SIZE], after[DIGEST_SIZE];
    struct idx_set again;

    idx_write(set, prefix, OUTPUT_NO_REPLACE);
    idx_digest(set, before);
    CHECK_EQUAL(idx_read(prefix, &again, NULL), STATUS_OK);
    idx_digest(&again, after);
    CHECK_TEXT(after, before);
    CHECK_EQUAL(again.classes, set->classes);
    idx_free(&again);
    drop(image_name);
    drop(label_name);
    free(prefix);
}

static void what_is_written_is_read_again(void)
{
    struct idx_set set = { .count = 2, .channels = 1, .rows = 1, .columns = 3, .classes = 256 };
    unsigned char pixels[12] = { 0, 1, 2, 3, 4, 255 };
    uint16_t labels[2] = { 255, 0 };

    set.pixels = pixels;
    set.labels = labels;
    check_round_trip(&set, "w-images-idx3-ubyte", "w-labels-idx1-ubyte");
    labels[1] = 256;
    set.classes = 257;
    set.channels = 2;
    check_round_trip(&set, "w-images-idx4-ubyte", "w-labels-idx1-short");
}

static struct idx_set *written_set;
static const char *written_prefix;

static void write_over_t(void)
{
    idx_write(written_set, written_prefix, OUTPUT_NO_REPLACE);
}

static void a_set_that_exists_is_replaced_only_on_demand(void)
{
    struct idx_set set, again;
    char message[4096];

    CHECK_EQUAL(idx_read(in_directory("t"), &set, NULL), STATUS_OK);
    set.pixels[0] = 99;
    set.labels[0] = 1;
    written_set = &set;
    written_prefix = in_directory("t");
    CHECK_EQUAL(unit_run(write_over_t, message), STATUS_CANNOT_CREATE);
    CHECK(strstr(message, "t-images-idx3-ubyte: create: it exists"));
    check_tiny("t");
    idx_write(&set, in_directory("t"), OUTPUT_REPLACE);
    CHECK_EQUAL(idx_read(in_directory("t"), &again, NULL), STATUS_OK);
    CHECK(again.pixels[0] == 99 && again.labels[0] == 1);
    idx_free(&set);
    idx_free(&again);
    put_tiny();
}

static void the_digest_is_that_of_the_definition(void)
{
    static const unsigned char definition[] = { 3, 0, 0, 0, 0, 0, 0, 0, 1, 0,  0,  0,   0, 0, 0, 0,
                                                2, 0, 0, 0, 0, 0, 0, 0, 2, 0,  0,  0,   0, 0, 0, 0, /* pixels */
                                                1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 255,             /* labels */
                                                4, 0, 0, 0, 2, 0 };
    struct digest *digest = digest_new(DIGEST_BLAKE2B);
    char expected[DIGEST_SIZE], hex[DIGEST_SIZE];
    struct idx_set set;

    digest_add(digest, definition, sizeof definition);
    digest_end(digest, expected);
    put_tiny();
    CHECK_EQUAL(idx_read(in_directory("t"), &set, NULL), STATUS_OK);
    idx_digest(&set, hex);
    CHECK_TEXT(hex, expected);
    idx_free(&set);
}

int main(void)
{
    TEST(a_raw_set_is_read);
    TEST(gzip_is_known_by_its_content);
    TEST(a_raw_file_goes_before_a_packed_one);
    TEST(several_gzip_members_are_one_file);
    TEST(a_raw_file_cut_anywhere_is_refused);
    TEST(a_gzip_file_cut_anywhere_is_refused);
    TEST(a_flipped_bit_in_a_gzip_file_never_changes_what_is_read);
    TEST(bytes_after_the_end_are_refused);
    TEST(a_wrong_header_is_refused);
    TEST(labels_of_a_wrong_kind_are_refused);
    TEST(a_header_that_promises_too_much_allocates_nothing);
    TEST(counts_that_differ_are_refused);
    TEST(two_variants_beside_each_other_are_refused);
    TEST(a_missing_file_is_66);
    TEST(short_labels_are_big_endian_and_not_negative);
    TEST(channels_come_before_rows);
    TEST(a_list_selects_samples_in_its_order);
    TEST(a_wrong_list_is_refused);
    TEST(a_list_that_is_written_is_read_again);
    TEST(what_is_written_is_read_again);
    TEST(a_set_that_exists_is_replaced_only_on_demand);
    TEST(the_digest_is_that_of_the_definition);
    return unit_finish();
}
