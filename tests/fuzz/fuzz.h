/*
 * Fuzzers: a program a kind of file, made with clang's libFuzzer and its sanitizers by `make fuzz`, run by run.sh.
 *
 *     int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
 *     {
 *         struct fuzz_part part[2];
 *         fuzz_split(data, size, part, 2);
 *         fuzz_file("pinned", part[0]);
 *         ... read it; FUZZ_CHECK(what must hold of anything that was accepted) ...
 *         return 0;
 *     }
 *
 * Files are written in the current directory, which run.sh makes in memory and removes.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is true of every input; where it is not, the fuzzer keeps the input as one that crashes. */
#define FUZZ_CHECK(condition) fuzz_check((condition), #condition)

#define FUZZ_BETWEEN "<||>" /* stands between the parts of an input */

struct fuzz_part {
    const uint8_t *at;
    size_t size;
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Split an input into n parts; those that it has not are empty. */
void fuzz_split(const uint8_t *data, size_t size, struct fuzz_part *part, size_t n);

/* A copy that ends with a NUL and has not a byte more, for a sanitizer to see who reads on; free(3) it. */
char *fuzz_string(struct fuzz_part part);

/* Make it the contents of the file `name`, a string that lasts. */
void fuzz_file(const char *name, struct fuzz_part contents);

/* Make the file "file" of an input: after an odd first byte it is the rest; after an even one repair() makes it of the
   two parts of that. False: the input is empty. */
bool fuzz_whole_or_repaired(const uint8_t *data, size_t size,
                            void (*repair)(struct fuzz_part first, struct fuzz_part second));

/* Where a header of safetensors says that its last tensor ends, in bytes of data; no more than FUZZ_MOST_DATA. */
enum { FUZZ_MOST_DATA = 1 << 16 };
size_t fuzz_claimed_data(const char *header);

void fuzz_check(bool holds, const char *what);

#endif
