#include "base/processors.h"

#include "base/file.h"
#include "base/memory.h"
#include "unit.h"

#include <errno.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/* The machine that the system seems to be: so many processors, of which the last few are for this process. */
static size_t there, allowed;
static int refusal;

/* In place of the C library's. */
int sched_getaffinity(pid_t process, size_t size, cpu_set_t *set)
{
    (void)process;
    if (refusal || size * 8 < there) {
        errno = refusal ? refusal : EINVAL;
        return -1;
    }
    CPU_ZERO_S(size, set);
    for (size_t i = there - allowed; i < there; i++)
        CPU_SET_S(i, size, set);
    return 0;
}

/* A file of a system whose root is a directory of this test's own. */
static char *system_root;

static void put(const char *path, const char *text)
{
    char *name = path_join(system_root, path), *directory = path_directory(name);
    struct error error;
    FILE *file;

    if (CHECK(directory_make(directory, &error) == 0) && CHECK((file = fopen(name, "w")) != NULL)) {
        fputs(text, file);
        fclose(file);
    }
    free(directory);
    free(name);
}

static void begin_system(const char *cgroups)
{
    static int number;

    free(system_root);
    system_root = memory_format("%s/%d", unit_directory(), number++);
    put("proc/self/cgroup", cgroups);
}

static size_t limit(void)
{
    return processors_limit(system_root);
}

static void the_affinity_is_counted_on_any_machine(void)
{
    for (there = 1; there <= 65536; there *= 4)
        for (allowed = 1; allowed <= there && allowed <= 4; allowed++)
            if (processors_limit("") == SIZE_MAX)
                CHECK_EQUAL(processors_available(), allowed);
            else
                CHECK(processors_available() <= allowed);
}

static void there_is_one_processor_where_nobody_tells(void)
{
    refusal = EPERM;
    CHECK_EQUAL(processors_available(), 1);
    refusal = EINVAL;
    CHECK_EQUAL(processors_available(), 1);
    refusal = 0;
}

static void a_system_without_cgroups_has_no_limit(void)
{
    CHECK(processors_limit("/nonexistent") == SIZE_MAX);
    begin_system("");
    CHECK(limit() == SIZE_MAX);
}

static void the_limit_of_a_container_is_at_its_mount_point(void)
{
    begin_system("0::/\n");
    put("sys/fs/cgroup/cpu.max", "300000 100000\n");
    CHECK_EQUAL(limit(), 3);
    begin_system("2:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n"); /* its path outside */
    put("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "400000\n");
    put("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n");
    CHECK_EQUAL(limit(), 4);
}

static void the_limit_is_there_without_proc(void)
{
    begin_system("0::/\n");
    put("sys/fs/cgroup/cpu.max", "300000 100000\n");
    put("proc/self/cgroup", "");
    CHECK_EQUAL(limit(), 3);
}

static void a_part_of_a_processor_counts_as_one(void)
{
    begin_system("0::/\n");
    put("sys/fs/cgroup/cpu.max", "150000 100000\n");
    CHECK_EQUAL(limit(), 2);
    put("sys/fs/cgroup/cpu.max", "1000 100000\n");
    CHECK_EQUAL(limit(), 1);
    put("sys/fs/cgroup/cpu.max", "200000 100000\n");
    CHECK_EQUAL(limit(), 2);
    put("sys/fs/cgroup/cpu.max", "200001 100000\n");
    CHECK_EQUAL(limit(), 3);
}

static void the_least_limit_on_the_way_up_counts(void)
{
    begin_system("0::/system.slice/train.service/step 0\n");
    put("sys/fs/cgroup/system.slice/cpu.max", "600000 100000\n");
    CHECK_EQUAL(limit(), 6);
    put("sys/fs/cgroup/system.slice/train.service/cpu.max", "200000 50000\n");
    CHECK_EQUAL(limit(), 4);
    put("sys/fs/cgroup/system.slice/train.service/step 0/cpu.max", "max 100000\n");
    CHECK_EQUAL(limit(), 4);
    put("sys/fs/cgroup/system.slice/train.service/step 0/cpu.max", "200000 100000\n");
    CHECK_EQUAL(limit(), 2);
    put("sys/fs/cgroup/system.slice/another.service/cpu.max", "100000 100000\n");
    CHECK_EQUAL(limit(), 2);
    put("sys/fs/cgroup/cpu.max", "50000 100000\n");
    CHECK_EQUAL(limit(), 1);
}

static void version_1_is_read_where_its_controller_is(void)
{
    begin_system("11:cpuset:/set\n4:cpuacct,cpu:/slurm/job\n1:name=systemd:/other\n0::/unified\n");
    put("sys/fs/cgroup/cpu/slurm/cpu.cfs_quota_us", "-1\n");
    put("sys/fs/cgroup/cpu/slurm/cpu.cfs_period_us", "100000\n");
    CHECK(limit() == SIZE_MAX);
    put("sys/fs/cgroup/cpu/slurm/job/cpu.cfs_quota_us", "250000\n");
    CHECK(limit() == SIZE_MAX); /* no period */
    put("sys/fs/cgroup/cpu/slurm/job/cpu.cfs_period_us", "50000\n");
    CHECK_EQUAL(limit(), 5);
    put("sys/fs/cgroup/cpu/set/cpu.cfs_quota_us", "50000\n");
    put("sys/fs/cgroup/cpu/set/cpu.cfs_period_us", "50000\n");
    CHECK_EQUAL(limit(), 5);
    put("sys/fs/cgroup/cpu/slurm/cpu.cfs_quota_us", "200000\n");
    CHECK_EQUAL(limit(), 2);
}

static void what_is_odd_limits_nothing(void)
{
    static const char *const odd[] = { "",
                                       "\n",
                                       "max",
                                       "100000",
                                       "0 100000",
                                       "100000 0",
                                       "-1 100000",
                                       "a b c d",
                                       "1e5 100000 ",
                                       "0x10 100000",
                                       "100000 -100000",
                                       "99999999999999999999999999999999999999999999 100000" };
    static const char *const lines[] = {
        "0", "0:", "0::", "::", ":::\n", "0::relative\n", "0::/../above\n", "\n\n:cpu"
    };

    begin_system("0::/\n");
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        put("sys/fs/cgroup/cpu.max", odd[i]);
        CHECK(limit() == SIZE_MAX);
    }
    put("sys/fs/cgroup/cpu.max", "200000 100000");
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        put("proc/self/cgroup", lines[i]);
        CHECK(limit() >= 2);
    }
    begin_system("0::/\n");
    put("sys/fs/cgroup/cpu.max/file", "a directory of that name");
    CHECK(limit() == SIZE_MAX);
}

int main(void)
{
    TEST(the_affinity_is_counted_on_any_machine);
    TEST(there_is_one_processor_where_nobody_tells);
    TEST(a_system_without_cgroups_has_no_limit);
    TEST(the_limit_of_a_container_is_at_its_mount_point);
    TEST(the_limit_is_there_without_proc);
    TEST(a_part_of_a_processor_counts_as_one);
    TEST(the_least_limit_on_the_way_up_counts);
    TEST(version_1_is_read_where_its_controller_is);
    TEST(what_is_odd_limits_nothing);
    free(system_root);
    return unit_finish();
}
