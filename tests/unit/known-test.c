/* data/known.h: a table without slips of the pen. */
#include "data/known.h"

#include "base/digest.h"
#include "unit.h"

#include <string.h>

static bool ends_in(const char *string, const char *end)
{
    return strlen(string) >= strlen(end) && strcmp(string + strlen(string) - strlen(end), end) == 0;
}

static void names_are_unique_and_found(void)
{
    for (size_t i = 0; i < known_count; i++)
        CHECK(known_find(known_sets[i].name) == &known_sets[i]);
    CHECK(known_find("") == NULL);
    CHECK(known_find("mnis") == NULL);
}

static void the_nearest_name_is_offered(void)
{
    CHECK_TEXT(known_nearest("mnits"), "mnist");
    CHECK_TEXT(known_nearest("fashion_mnist"), "fashion-mnist");
    CHECK(known_nearest("imagenet-22k") == NULL);
}

static void every_set_says_what_it_is(void)
{
    for (const struct known_set *set = known_sets; set < known_sets + known_count; set++) {
        CHECK(set->licence && *set->licence);
        CHECK(set->source && strncmp(set->source, "https://", 8) == 0);
        CHECK(set->mirrors[0] != NULL);
        for (size_t i = 0; i < KNOWN_MIRRORS && set->mirrors[i]; i++)
            CHECK(strncmp(set->mirrors[i], "http", 4) == 0 && ends_in(set->mirrors[i], "/"));
        CHECK(!set->package == !set->folder);
        CHECK(!set->folder || set->folder[0] == '/');
    }
}

static void every_file_has_a_digest_of_its_own(void)
{
    for (size_t i = 0; i < known_count * KNOWN_FILES; i++) {
        const struct known_file *file = &known_sets[i / KNOWN_FILES].files[i % KNOWN_FILES];

        CHECK(digest_is_hex(file->sha256));
        CHECK(file->size > 8);
        for (size_t k = 0; k < i; k++)
            CHECK(strcmp(file->sha256, known_sets[k / KNOWN_FILES].files[k % KNOWN_FILES].sha256) != 0);
    }
}

/* Pictures and labels of the two parts, in one form: a prefix stands for both. */
static void the_files_of_a_set_belong_together(void)
{
    static const char *const names[KNOWN_FILES] = { "train-images-idx3-ubyte", "train-labels-idx1-ubyte",
                                                    "t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte" };

    for (const struct known_set *set = known_sets; set < known_sets + known_count; set++)
        for (size_t i = 0; i < KNOWN_FILES; i++) {
            CHECK(strncmp(set->files[i].name, names[i], strlen(names[i])) == 0);
            CHECK_TEXT(set->files[i].name + strlen(names[i]), ends_in(set->files[0].name, ".gz") ? ".gz" : "");
        }
}

int main(void)
{
    TEST(names_are_unique_and_found);
    TEST(the_nearest_name_is_offered);
    TEST(every_set_says_what_it_is);
    TEST(every_file_has_a_digest_of_its_own);
    TEST(the_files_of_a_set_belong_together);
    return unit_finish();
}
