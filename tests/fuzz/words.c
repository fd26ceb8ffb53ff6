/* Short texts: numbers, digests, names, operands, lists of samples and of names, and how messages show them. */
#include "fuzz.h"

#include "base/digest.h"
#include "base/error.h"
#include "base/file.h"
#include "base/memory.h"
#include "base/names.h"
#include "base/number.h"
#include "base/text.h"
#include "data/known.h"
#include "format/class_names.h"
#include "format/idx.h"
#include "format/run_files.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void check_numbers(const char *word)
{
    char printed[NUMBER_SIZE];
    uint64_t whole = 7;
    double number, again;

    if (number_u64(word, &whole))
        FUZZ_CHECK(strspn(word, "0123456789") == strlen(word) && *word);
    else
        FUZZ_CHECK(whole == 7);
    if (number_any_double(word, &number)) {
        FUZZ_CHECK(strspn(word, "0123456789+-.eEinfatyINFATY") == strlen(word));
        FUZZ_CHECK(number_any_double(number_print(number, printed), &again));
        FUZZ_CHECK(number == again || (isnan(number) && isnan(again)));
    }
    if (number_double(word, &number))
        FUZZ_CHECK(isfinite(number));
}

static void check_names(const char *word)
{
    uint64_t epoch = 0;
    char *prefix, *list, *directory = path_directory(word), *joined = path_join(directory, path_base(word));
    const struct known_set *known = known_find(word);

    if (digest_is_hex(word))
        FUZZ_CHECK(strlen(word) == DIGEST_HEX);
    if (run_checkpoint_name(word, &epoch))
        FUZZ_CHECK(!strchr(word, '/') && strlen(word) < 64);
    FUZZ_CHECK(!known || strcmp(known->name, word) == 0);
    known_nearest(word);
    idx_operand(word, &prefix, &list);
    FUZZ_CHECK(strlen(prefix) + (list ? strlen(list) + 1 : 0) <= strlen(word));
    FUZZ_CHECK(!list || !strchr(list, '@'));
    free(prefix);
    free(list);
    free(directory);
    free(joined);
}

/* One line, in which nothing turns on a terminal. */
static void check_message(const char *word)
{
    FILE *before = stderr;
    char *line;
    size_t length;

    stderr = open_memstream(&line, &length);
    warn("%s: open: no such file", word);
    fclose(stderr);
    stderr = before;
    FUZZ_CHECK(length == strlen(line) && line[length - 1] == '\n');
    line[length - 1] = '\0';
    for (const char *at = line; *at;) {
        uint32_t character;
        size_t n = text_decode(at, &character);
        FUZZ_CHECK(n && !text_is_control(character));
        at += n;
    }
    free(line);
}

static void check_list(struct fuzz_part part)
{
    uint32_t *list;
    size_t n, count = 1000;
    struct error error;

    fuzz_file("list", part);
    if (!idx_read_list("list", count, &list, &n, &error))
        FUZZ_CHECK(n);
    for (size_t i = 0; i < n; i++)
        FUZZ_CHECK(list[i] < count);
    free(list);
}

static void check_class_names(void)
{
    struct class_names names;
    struct error error;

    if (!class_names_read("list", &names, &error))
        FUZZ_CHECK(names.count);
    for (size_t i = 0; i < names.count; i++)
        FUZZ_CHECK(*names.name[i] && !strchr(names.name[i], '\n'));
    class_names_free(&names);
}

/* All names together are no more than the file. */
static void check_names_of_files(char end, size_t size)
{
    struct names names = { .fd = open("list", O_RDONLY | O_CLOEXEC), .end = end };
    struct error error;
    const char *name;
    size_t sum = 0;

    while (!names_next(&names, "list", &name, &error) && name) {
        FUZZ_CHECK(*name && (!end || !strchr(name, end)));
        sum += strlen(name) + 1;
    }
    FUZZ_CHECK(sum <= size + 1);
    close(names.fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct fuzz_part part = { data, size };
    char *word = fuzz_string(part);

    check_numbers(word);
    check_names(word);
    check_message(word);
    check_list(part);
    check_class_names();
    check_names_of_files('\n', size);
    check_names_of_files('\0', size);
    free(word);
    return 0;
}
