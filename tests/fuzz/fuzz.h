/* What the fuzz targets share. A target is one function that takes any bytes and neither crashes, nor leaks, nor waits:
 *
 *   int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
 *
 * It runs under libFuzzer and AFL++ (see HACKING.md), or with the driver of standalone.c. */
#pragma once

#include <glib.h>
#include <stddef.h>
#include <stdint.h>

G_BEGIN_DECLS

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A promise of the code under test. */
#define FUZZ_CHECK(condition) \
    G_STMT_START { \
        if (!(condition)) \
            fuzz_broken(__FILE__, __LINE__, #condition); \
    } G_STMT_END

/* Says what was promised and aborts. */
G_NORETURN void fuzz_broken(const char *file, int line, const char *condition);
/* Aborts unless both are equal (NULL equals NULL), and shows where they part. */
void fuzz_same(const char *what, const char *first, const char *second);

/* The bytes as text that ends at the first NUL; new. */
char *fuzz_text(const uint8_t *data, size_t size);
/* A private folder of this process, removed at its exit. */
const char *fuzz_folder(void);
/* Puts the bytes into the file @name of that folder and returns its path; new. */
char *fuzz_file(const char *name, const uint8_t *data, size_t size);

G_END_DECLS
