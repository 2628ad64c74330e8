/* Runs tables of domains through the model, with the facts of test-model-facts.h: what is refused, in which words, and what
 * is filled in. */
#pragma once

#include "model/domain.h"
#include "test-model-facts.h"

#define PC "pc"
#define Q35 "q35"
#define SHARED "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>"
#define UNSUPPORTED "unsupported configuration: "
#define XML "XML error: "
#define INTERNAL "internal error: "
#define MEMORY "<memory unit='MiB'>256</memory>"
#define OS "<os><type arch='x86_64' machine='q35'>hvm</type></os>"

/* A domain that has 1 GiB and two vCPUs. */
typedef struct {
    const char *machine;
    const char *more;           /* what stands before <devices>, or NULL */
    const char *devices;
    const char *expected;       /* the whole message, or a part of the document */
} ModelCase;

/* What stands in a domain beside its name. */
typedef struct {
    const char *elements;
    const char *expected;
} ModelElements;

xmlDoc *model_case_parse(const ModelCase *model_case, GError **error);
void model_cases_rejected(const ModelCase *cases, gsize n_cases);
void model_cases_filled(const ModelCase *cases, gsize n_cases);
void model_elements_rejected(const ModelElements *cases, gsize n_cases);
void model_elements_filled(const ModelElements *cases, gsize n_cases);
/* The same for one domain that is given whole. White space between the elements of @part does not count. */
void model_rejected(const char *xml, const char *message);
void model_filled(const char *xml, const char *part);
