/*
 * Unit tests: a program a module, run by tests/check.sh.
 *
 *     static void hex_is_lower_case(void) { CHECK(digest_is_hex("...")); CHECK_EQUAL(f(2), 4); }
 *     int main(void)
 *     {
 *         TEST(hex_is_lower_case);
 *         return unit_finish();
 *     }
 *
 * A failing check prints where and what, and the test goes on. The output is TAP's ("ok 1 - hex is lower case").
 */
#ifndef UNIT_H
#define UNIT_H

#include <stdbool.h>

#define TEST(function) unit_test(#function, function)
#define CHECK(condition) unit_check((condition), __FILE__, __LINE__, #condition)
#define CHECK_EQUAL(a, b) unit_check_equal((double)(a), (double)(b), __FILE__, __LINE__, #a " == " #b)
#define CHECK_NEAR(a, b, most) unit_check_near((a), (b), (most), __FILE__, __LINE__, #a " near " #b)
#define CHECK_TEXT(a, b) unit_check_text((a), (b), __FILE__, __LINE__, #a)

void unit_test(const char *name, void (*function)(void));
bool unit_check(bool condition, const char *file, int line, const char *what);
bool unit_check_equal(double a, double b, const char *file, int line, const char *what);
bool unit_check_near(double a, double b, double most, const char *file, int line, const char *what);
bool unit_check_text(const char *a, const char *b, const char *file, int line, const char *what);

/* An empty directory of this process's own, removed by unit_finish(). */
const char *unit_directory(void);

/* The file `name` there, now of this text; its path is the caller's to free. */
char *unit_file(const char *name, const char *text);

/* Run `function` in a child process; returns its exit status and puts what it wrote to stderr into `message` (4096
 * bytes). */
int unit_run(void (*function)(void), char message[4096]);

int unit_finish(void); /* prints the plan; 0 if every check held */

#endif
