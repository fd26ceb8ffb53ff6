#include "unit.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static void make(const char *path, const char *contents)
{
    FILE *file = fopen(path, "w");

    if (!file || fputs(contents, file) < 0 || fclose(file)) {
        perror(path);
        exit(1);
    }
}

static void check_read(const char *path, size_t most, const char *expected)
{
    struct bytes bytes;
    struct error error = { 0 };

    CHECK(!file_read(path, most, &bytes, &error));
    CHECK_TEXT(error.text, "");
    if (CHECK(bytes.at)) {
        CHECK_TEXT((char *)bytes.at, expected);
        CHECK_EQUAL(bytes.size, strlen(expected));
    }
    free(bytes.at);
}

static void a_file_is_read_whole(void)
{
    make("ten", "0123456789");
    check_read("ten", 0, "0123456789");
    check_read("ten", 10, "0123456789");
    check_read("ten", 11, "0123456789");
    make("none", "");
    check_read("none", 0, "");
}

static void the_beginning_of_a_file_is_read(void)
{
    check_read("ten", 3, "012");
    check_read("ten", 9, "012345678");
}

static void check_end(const char *path, size_t most, const char *expected)
{
    struct bytes bytes;

    CHECK(!file_read_end(path, most, &bytes, NULL));
    CHECK_TEXT((char *)bytes.at, expected);
    CHECK_EQUAL(bytes.size, strlen(expected));
    free(bytes.at);
}

static void the_end_of_a_file_is_read(void)
{
    struct bytes bytes;

    check_end("ten", 3, "789");
    check_end("ten", 10, "0123456789");
    check_end("ten", 11, "0123456789");
    check_end("none", 3, "");
    CHECK_EQUAL(file_read_end(".", 3, &bytes, NULL), STATUS_NO_INPUT);
    CHECK_EQUAL(file_read_end("absent", 3, &bytes, NULL), STATUS_NO_INPUT);
}

/* A pipe that holds `contents`, as stdin. Returns the old stdin. */
static int feed(const char *contents)
{
    int ends[2], before = dup(STDIN_FILENO);

    if (before < 0 || pipe(ends) || write(ends[1], contents, strlen(contents)) != (ssize_t)strlen(contents))
        exit(1);
    close(ends[1]);
    dup2(ends[0], STDIN_FILENO);
    close(ends[0]);
    return before;
}

static void standard_input_is_read_whole(void)
{
    static const struct {
        const char *fed;
        size_t most;
        const char *read;
    } cases[] = { { "from a pipe", 0, "from a pipe" }, { "from a pipe", 4, "from" }, { "", 0, "" }, { "", 4, "" } };

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int before = feed(cases[i].fed);
        check_read("-", cases[i].most, cases[i].read);
        dup2(before, STDIN_FILENO);
        close(before);
    }
}

static void check_refused(const char *path, enum status status, const char *message)
{
    struct bytes bytes;
    struct error error = { 0 };

    CHECK_EQUAL(file_read(path, 0, &bytes, &error), status);
    CHECK_TEXT(error.text, message);
    CHECK(!bytes.at && !bytes.size);
}

static void what_cannot_be_read_is_told_apart(void)
{
    check_refused("absent", STATUS_NO_INPUT, "absent: open: no such file or directory");
    check_refused("ten/more", STATUS_NO_INPUT, "ten/more: open: not a directory");
    check_refused("/", STATUS_NO_INPUT, "/: read: is a directory");
}

/* What the kernel makes up as it is read says that it is empty: to a reader, a file that grew. */
static void a_file_that_is_longer_than_it_said_is_an_error(void)
{
    check_refused("/proc/self/stat", STATUS_IO, "/proc/self/stat: read: its size changed while it was read");
}

static void what_is_no_regular_file_is_not_waited_for(void)
{
    static const char *const others[] = { "fifo", ".", "/dev/zero", "device" };
    struct bytes bytes;
    struct error error = { 0 };
    char message[64];

    CHECK(mkfifo("fifo", 0666) == 0 && symlink("/dev/zero", "device") == 0 && symlink("ten", "link") == 0);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        CHECK_EQUAL(file_read_regular(others[i], &bytes, &error), STATUS_NO_INPUT);
        snprintf(message, sizeof message, "%s: open: it is no file", others[i]);
        CHECK_TEXT(error.text, message);
        CHECK(!bytes.at && !bytes.size);
    }
    CHECK_EQUAL(file_read_regular("absent", &bytes, &error), STATUS_NO_INPUT);
    CHECK_TEXT(error.text, "absent: open: no such file or directory");
    CHECK(!file_read_regular("link", &bytes, &error));
    CHECK_TEXT((char *)bytes.at, "0123456789");
    free(bytes.at);
}

static void kinds_are_told_apart(void)
{
    static const struct {
        const char *path;
        enum file_kind kind;
    } cases[] = {
        { "absent", FILE_ABSENT }, { "ten", FILE_REGULAR }, { ".", FILE_DIRECTORY }, { "/dev/null", FILE_OTHER }
    };
    enum file_kind kind;

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        CHECK(!file_kind(cases[i].path, &kind, NULL));
        CHECK_EQUAL(kind, cases[i].kind);
    }
}

static void only_absence_counts_as_absent(void)
{
    enum file_kind kind;
    struct error error = { 0 };

    if (symlink("loop", "loop"))
        exit(1);
    CHECK(file_kind("loop", &kind, &error));
    CHECK_TEXT(error.text, "loop: look at: too many levels of symbolic links");
}

static void a_link_that_leads_nowhere_exists(void)
{
    struct error error = { 0 };
    bool exists;

    if (symlink("nowhere", "dangling"))
        exit(1);
    CHECK(file_exists("dangling", &exists, &error) == STATUS_OK && exists);
    CHECK(file_exists("nowhere", &exists, &error) == STATUS_OK && !exists);
    CHECK(file_is_absent("nowhere") && !file_is_absent("dangling"));
    CHECK_EQUAL(file_exists("ten/file", &exists, &error), STATUS_NO_INPUT);
    CHECK(!exists && !file_is_absent("ten/file"));
    CHECK_TEXT(error.text, "ten/file: look at: not a directory");
}

static void check_names(char **names, size_t count, const char *expected)
{
    char all[200] = "";

    for (size_t i = 0; i < count; i++)
        snprintf(all + strlen(all), sizeof all - strlen(all), "%s ", names[i]);
    CHECK_TEXT(all, expected);
    directory_free(names, count);
}

static void a_lock_is_seen_while_it_is_held(void)
{
    int fd = open("held", O_WRONLY | O_CREAT, 0666);

    CHECK(fd >= 0 && symlink("held", "to-held") == 0);
    CHECK(!file_is_locked("held"));
    CHECK(!flock(fd, LOCK_EX));
    CHECK(file_is_locked("held"));
    CHECK(!file_is_locked("to-held"));
    CHECK(!file_is_locked("absent"));
    CHECK(!close(fd));
    CHECK(!file_is_locked("held"));
}

static void names_are_listed_by_suffix_in_order(void)
{
    char **names;
    size_t count;

    if (mkdir("list", 0777))
        exit(1);
    make("list/b.x", "");
    make("list/a.x", "");
    make("list/a10.x", "");
    make("list/B.x", "");
    make("list/c.xx", "");
    make("list/x", "");
    make("list/.h.x", "");
    make("list/.x", "");
    CHECK(!directory_list("list", ".x", &names, &count, NULL));
    check_names(names, count, "B.x a.x a10.x b.x ");
    CHECK(!directory_list_hidden("list", ".x", &names, &count, NULL));
    check_names(names, count, ".h.x .x ");
    CHECK(!directory_list("list", ".y", &names, &count, NULL));
    CHECK_EQUAL(count, 0);
    directory_free(names, count);
}

static void what_could_hold_up_a_reader_is_not_listed(void)
{
    char **names;
    size_t count;

    mkdir("mixed", 0777);
    mkfifo("mixed/fifo.x", 0666);
    CHECK(symlink("/dev/zero", "mixed/device.x") == 0 && symlink("nowhere", "mixed/nowhere.x") == 0);
    CHECK(mkdir("mixed/directory.x", 0777) == 0 && symlink("directory.x", "mixed/link.x") == 0);
    CHECK(!directory_list("mixed", ".x", &names, &count, NULL));
    check_names(names, count, "directory.x link.x nowhere.x ");
}

static void a_directory_that_is_not_there_is_an_error(void)
{
    struct error error = { 0 };
    char **names;
    size_t count = 7;

    CHECK_EQUAL(directory_list("absent", ".x", &names, &count, &error), STATUS_NO_INPUT);
    CHECK_TEXT(error.text, "absent: open: no such file or directory");
    CHECK_EQUAL(count, 0);
}

static void a_directory_is_made_with_those_above_it(void)
{
    struct error error = { 0 };
    struct stat stat;

    CHECK(!directory_make_one("one/"));
    CHECK(directory_make_one("one") && errno == EEXIST);
    CHECK(directory_make_one("nowhere/one") && errno == ENOENT);
    CHECK(!directory_make("one/two//three/", &error));
    CHECK(!lstat("one/two/three", &stat) && S_ISDIR(stat.st_mode));
    CHECK(!directory_make("one/two/three", &error));
}

static void check_directory(const char *path, const char *directory, const char *base)
{
    char *found = path_directory(path);

    CHECK_TEXT(found, directory);
    CHECK_TEXT(path_base(path), base);
    free(found);
}

static void paths_split_at_their_last_slash(void)
{
    check_directory("a", ".", "a");
    check_directory("a/b", "a", "b");
    check_directory("/a", "/", "a");
    check_directory("/a/b/c", "/a/b", "c");
    check_directory("a/", "a", "");
    check_directory("/", "/", "");
}

static void everything_is_written(void)
{
    char block[300000];
    struct stat stat;
    int fd = open("big", O_WRONLY | O_CREAT, 0666);

    memset(block, 'b', sizeof block);
    CHECK(!file_write_fully(fd, block, sizeof block));
    CHECK(!close(fd));
    CHECK(!lstat("big", &stat) && stat.st_size == sizeof block);
    CHECK(!file_sync_directory_of("big"));
    CHECK(file_write_fully(fd, block, 1));
}

static void a_text_has_no_nul_byte(void)
{
    unsigned char nothing[] = "", plain[] = "ab", within[] = "a\0b";
    struct error error;

    CHECK_EQUAL(bytes_check_text(&(struct bytes){ NULL, 0 }, "f", &error), STATUS_OK);
    CHECK_EQUAL(bytes_check_text(&(struct bytes){ nothing, 0 }, "f", &error), STATUS_OK);
    CHECK_EQUAL(bytes_check_text(&(struct bytes){ plain, 2 }, "f", &error), STATUS_OK);
    CHECK_EQUAL(bytes_check_text(&(struct bytes){ plain, 3 }, "f", &error), STATUS_DATA);
    CHECK_EQUAL(bytes_check_text(&(struct bytes){ within, 3 }, "f", &error), STATUS_DATA);
    CHECK_TEXT(error.text, "f: read: it contains a NUL byte");
}

int main(void)
{
    if (chdir(unit_directory()))
        return 1;
    TEST(a_file_is_read_whole);
    TEST(the_beginning_of_a_file_is_read);
    TEST(the_end_of_a_file_is_read);
    TEST(standard_input_is_read_whole);
    TEST(what_cannot_be_read_is_told_apart);
    TEST(a_file_that_is_longer_than_it_said_is_an_error);
    TEST(what_is_no_regular_file_is_not_waited_for);
    TEST(kinds_are_told_apart);
    TEST(only_absence_counts_as_absent);
    TEST(a_link_that_leads_nowhere_exists);
    TEST(a_lock_is_seen_while_it_is_held);
    TEST(names_are_listed_by_suffix_in_order);
    TEST(what_could_hold_up_a_reader_is_not_listed);
    TEST(a_directory_that_is_not_there_is_an_error);
    TEST(a_directory_is_made_with_those_above_it);
    TEST(paths_split_at_their_last_slash);
    TEST(everything_is_written);
    TEST(a_text_has_no_nul_byte);
    return unit_finish();
}
