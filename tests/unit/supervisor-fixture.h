/* A runtime folder of its own, a supervisor in it over the fake QEMU or the real one, and a small QMP client. */
#pragma once

#include "backend/embedded/supervisor-client.h"
#include "util/error.h"
#include "util/process.h"

#define WAIT_MS 20000

typedef struct {
    char *root;                 /* temporary folder */
    char *run_dir;
    char *log;
    SupervisorLaunch *launch;
    SupervisorReady ready;
} Fixture;

/* @script is the fake QEMU's part, or NULL for the real QEMU. */
void fixture_init(Fixture *fixture, const char *script);
/* Ends what still runs and removes the folder. */
void fixture_clear(Fixture *fixture);
void fixture_start(Fixture *fixture);
gboolean fixture_try_start(Fixture *fixture, SupervisorReady *ready, GError **error);
RunStatus fixture_status(Fixture *fixture);
RunStatus fixture_last(Fixture *fixture);
char *fixture_log(Fixture *fixture);
/* Waits until the status has that state, or the domain is off (STATE_SHUTOFF: the folder is gone). */
void fixture_await(Fixture *fixture, int state);
/* Waits until @path exists, or does not. */
void await_path(const char *path, gboolean exists);

typedef struct {
    int fd;
    GString *input;
    GQueue events;              /* json_t * */
} Qmp;

/* Without the negotiation; @greeting gets the greeting. */
Qmp *qmp_open_raw(Fixture *fixture, json_t **greeting);
Qmp *qmp_open(Fixture *fixture);
void qmp_close(Qmp *qmp);
void qmp_write(Qmp *qmp, const char *text, int fd);
/* The next message that is no event. */
json_t *qmp_reply(Qmp *qmp);
/* Sends and takes the reply. */
json_t *qmp_ask(Qmp *qmp, const char *text);
/* The next event of that name; those before it are dropped. */
json_t *qmp_event(Qmp *qmp, const char *name);
gboolean qmp_at_end(Qmp *qmp);

/* Both take @reply: it carries that id (JSON text); it is no error. */
void assert_id(json_t *reply, const char *expected);
void assert_ok(json_t *reply);

/* g_test_init(), and the supervisor of the build tree. */
void fixture_main(int *argc, char ***argv);
