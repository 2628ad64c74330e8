/* What a test connection holds when it is opened. */
#pragma once

#include "backend/embedded/driver-state.h"

G_BEGIN_DECLS

/* The objects of test:///default: one running domain. */
gboolean objects_load_default(DriverState *state, GError **error);

/* Those of test:///FILE. The file is libvirt's: a <node> with <cpu> and <memory> of the host and any number of
 * <domain>, in place or as <domain file='PATH'/> relative to the file. Elements of the namespace
 * http://libvirt.org/schemas/domain/test/1.0 in a domain say how it begins: <runstate> (a number of
 * virDomainState, running when absent) and <transient/>. Errors are libvirt's. */
gboolean objects_load_file(DriverState *state, const char *path, GError **error);

G_END_DECLS
