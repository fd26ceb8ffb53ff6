#include "fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void fuzz_check(bool holds, const char *what)
{
    if (holds)
        return;
    fprintf(stderr, "it does not hold that %s\n", what);
    abort();
}

void fuzz_split(const uint8_t *data, size_t size, struct fuzz_part *part, size_t n)
{
    const size_t between = strlen(FUZZ_BETWEEN);
    const uint8_t *end = data + size, *next;

    for (size_t i = 0; i < n; i++) {
        next = i + 1 < n && data < end ? memmem(data, (size_t)(end - data), FUZZ_BETWEEN, between) : NULL;
        part[i] = (struct fuzz_part){ data, (size_t)((next ? next : end) - data) };
        data = next ? next + between : end;
    }
}

char *fuzz_string(struct fuzz_part part)
{
    char *string = malloc(part.size + 1);

    FUZZ_CHECK(string);
    memcpy(string, part.at, part.size);
    string[part.size] = '\0';
    return string;
}

/* The files stay open: to make them anew is what would take most of the time. */
void fuzz_file(const char *name, struct fuzz_part contents)
{
    enum { MOST_FILES = 8 };
    static struct {
        const char *name;
        int fd;
    } file[MOST_FILES];
    size_t i = 0;

    while (file[i].name && file[i].name != name)
        i++;
    FUZZ_CHECK(i < MOST_FILES - 1);
    if (!file[i].name) {
        file[i].fd = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        file[i].name = name;
    }
    FUZZ_CHECK(ftruncate(file[i].fd, 0) == 0);
    FUZZ_CHECK(pwrite(file[i].fd, contents.at, contents.size, 0) == (ssize_t)contents.size);
}

bool fuzz_whole_or_repaired(const uint8_t *data, size_t size,
                            void (*repair)(struct fuzz_part first, struct fuzz_part second))
{
    struct fuzz_part part[2];

    if (!size)
        return false;
    fuzz_split(data + 1, size - 1, part, 2);
    if (*data & 1)
        fuzz_file("file", (struct fuzz_part){ data + 1, size - 1 });
    else
        repair(part[0], part[1]);
    return true;
}

size_t fuzz_claimed_data(const char *header)
{
    size_t size = 0;

    for (const char *at = header; (at = strstr(at, "data_offsets\":[")); at++) {
        const char *comma = strchr(at, ',');
        if (comma)
            size = strtoull(comma + 1, NULL, 10);
    }
    return size < FUZZ_MOST_DATA ? size : FUZZ_MOST_DATA;
}
