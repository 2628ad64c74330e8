/* The CPU of a domain that asks for "what there is" as the model and features that it gets. */
#pragma once

#include "backend/qemu/facts.h"
#include "model/domain.h"

G_BEGIN_DECLS

/* Turns <cpu mode='host-model'> and match='minimum' of @doc into a custom CPU: the best that the domain's emulator and accelerator
 * have, with the document's own features on top. Other CPUs, and those of architectures without features, stay. Errors: the
 * emulator cannot be asked. */
gboolean cpu_expand(QemuFacts *qemu, xmlDoc *doc, GError **error);

G_END_DECLS
