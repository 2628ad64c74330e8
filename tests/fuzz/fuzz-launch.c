/* The launch description that a supervisor is given, or finds when it adopts. */
#include "fuzz.h"

#include "supervisor/launch.h"

static void
check_release(const json_t *json)
{
    g_autoptr(SupervisorLaunch) launch = launch_new("a", "74722d00-0000-4000-8000-000000000201", 1);
    json_t *release = json_object_get(json, "release");

    if (release && launch_release_add(&launch->release, release, NULL))
        FUZZ_CHECK(launch_release_remove(&launch->release, release, NULL));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(SupervisorLaunch) launch = NULL, again = NULL;
    json_t *json = json_loadb((const char *)data, size, JSON_REJECT_DUPLICATES, NULL), *first, *second;

    if (!json)
        return 0;
    check_release(json);
    launch = launch_from_json(json, &error);
    json_decref(json);
    FUZZ_CHECK(!launch == !!error);
    if (!launch)
        return 0;
    first = launch_to_json(launch);
    FUZZ_CHECK(first);
    again = launch_from_json(first, &error);
    if (!again)
        g_printerr("%s\n", error->message);
    FUZZ_CHECK(again);
    second = launch_to_json(again);
    FUZZ_CHECK(json_equal(first, second));
    json_decref(first);
    json_decref(second);
    return 0;
}
