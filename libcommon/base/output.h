/*
 * Atomic output: a file appears whole under its name, or not at all.
 *
 *     struct output *out = output_open(path, OUTPUT_NO_REPLACE);
 *     output_write(out, data, size);           // as often as needed
 *     output_publish(out);                     // fsync, rename, fsync of the directory; frees `out`
 *
 * Until output_publish() returns, readers of `path` see what was there before. An error anywhere ends the program with
 * a message, which removes the temporary file; so does a signal that ends it, once signals.h is told. A kill leaves
 * `.NAME.XXXXXX.tmp` in the same directory, which the next output_open() of the same path removes once no living
 * process holds its lock (flock(2)). The path "-" is stdout: written as it comes, published by nothing.
 *
 * Idea and life cycle: git's tempfile.h and lockfile.h.
 */
#ifndef BASE_OUTPUT_H
#define BASE_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum output_mode {
    OUTPUT_NO_REPLACE, /* a file of that name is an error (73): at once, and again at publication if it came meanwhile
                        */
    OUTPUT_REPLACE,    /* a regular file or a symbolic link makes way; anything else is an error (73) */
};

struct output;

/* End the program as output_open() does where a file is in the way, or the directory is not there or not to be written:
   for a dry run, or before other work. */
void output_check(const char *path, enum output_mode mode);

struct output *output_open(const char *path, enum output_mode mode);
void output_write(struct output *out, const void *data, size_t size);
void output_publish(struct output *out);

/* The same for a directory that gets many files: it is searched once for what killed processes left of any of them, not
   for each. */
void output_tidy_directory(const char *directory);
struct output *output_open_untidied(const char *path, enum output_mode mode);

/*
 * For what is printed: in memory first, then published as often as asked.
 *
 *     struct output_stream stream;
 *     output_stream_open(&stream);
 *     fprintf(stream.to, ...);                 // as often as needed
 *     output_stream_publish(&stream, path, OUTPUT_REPLACE);
 *     output_stream_close(&stream);
 */
struct output_stream {
    FILE *to;
    char *text; /* for output.c: what was printed */
    size_t size;
};

void output_stream_open(struct output_stream *stream);
void output_stream_publish(struct output_stream *stream, const char *path, enum output_mode mode);
void output_stream_close(struct output_stream *stream);

/* fsync what was written: before other files make way for it. output_publish() does it by itself. */
void output_sync(struct output *out);

/* Remove what killed processes left of `path`, for good, as output_open() does: for a file that may not be opened
   again. */
void output_tidy(const char *path);

/* Remove the file `path` if it is one, and no living process holds its lock; was it? Failing to is no error. */
bool output_remove_abandoned(const char *path);

/* Remove every temporary file of this process; async-signal-safe. For signals.c; exit(3) does it by itself. */
void output_remove_temporaries(void);

#endif
