/* What the test driver's invented host can do: libvirt's test driver's answers. Operations, for the driver's table. */
#pragma once

#include "backend/driver.h"

G_BEGIN_DECLS

gboolean test_connect_get_capabilities(const Call *call, const void *args, void *result, GError **error);
gboolean test_connect_get_max_vcpus(const Call *call, const void *args, void *result, GError **error);
gboolean test_connect_get_cpu_model_names(const Call *call, const void *args, void *result, GError **error);
gboolean test_connect_baseline_cpu(const Call *call, const void *args, void *result, GError **error);
gboolean test_node_get_security_model(const Call *call, const void *args, void *result, GError **error);

G_END_DECLS
