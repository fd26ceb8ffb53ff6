#include "unit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int tests, failures;
static bool failed;
static char directory[] = "/tmp/rote-unit-XXXXXX";
static bool have_directory;

void unit_test(const char *name, void (*function)(void))
{
    failed = false;
    function();
    tests++;
    failures += failed;
    printf("%sok %d - ", failed ? "not " : "", tests);
    for (const char *p = name; *p; p++)
        putchar(*p == '_' ? ' ' : *p);
    putchar('\n');
    fflush(stdout);
}

bool unit_check(bool condition, const char *file, int line, const char *what)
{
    if (!condition) {
        printf("# %s:%d: %s\n", file, line, what);
        failed = true;
    }
    return condition;
}

bool unit_check_equal(double a, double b, const char *file, int line, const char *what)
{
    if (!unit_check(a == b, file, line, what))
        printf("#   %.17g and %.17g\n", a, b);
    return a == b;
}

bool unit_check_near(double a, double b, double most, const char *file, int line, const char *what)
{
    bool near = fabs(a - b) <= most;

    if (!unit_check(near, file, line, what))
        printf("#   %.17g and %.17g differ by more than %g\n", a, b, most);
    return near;
}

bool unit_check_text(const char *a, const char *b, const char *file, int line, const char *what)
{
    bool same = a && strcmp(a, b) == 0;

    if (!unit_check(same, file, line, what))
        printf("#   '%s' is not '%s'\n", a ? a : "(null)", b);
    return same;
}

const char *unit_directory(void)
{
    if (!have_directory && !mkdtemp(directory)) {
        perror("mkdtemp");
        exit(1);
    }
    have_directory = true;
    return directory;
}

char *unit_file(const char *name, const char *text)
{
    char *path = NULL;
    FILE *file;

    if (asprintf(&path, "%s/%s", unit_directory(), name) < 0 || !(file = fopen(path, "w")) || fputs(text, file) < 0 ||
        fclose(file)) {
        perror("unit_file");
        exit(1);
    }
    return path;
}

int unit_run(void (*function)(void), char message[4096])
{
    int ends[2], status;
    size_t length = 0;
    ssize_t n;
    pid_t child;

    fflush(stdout);
    if (pipe(ends) || (child = fork()) < 0) {
        perror("fork");
        exit(1);
    }
    if (child == 0) {
        have_directory = false; /* the parent removes it */
        dup2(ends[1], STDERR_FILENO);
        function();
        exit(0);
    }
    close(ends[1]);
    while (length < 4095 && (n = read(ends[0], message + length, 4095 - length)) > 0)
        length += (size_t)n;
    message[length] = '\0';
    close(ends[0]);
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int unit_finish(void)
{
    if (have_directory) {
        char *command = NULL;
        if (asprintf(&command, "rm -rf -- '%s'", directory) < 0 || system(command))
            failures++;
        free(command);
    }
    printf("1..%d\n", tests);
    return failures != 0;
}
