/* What commands read from the XML of a domain without having to know documents: XPath output, and the
 * rows of the device lists. Everything returned is new and the caller's. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The nodes that match @expression as libxml2 writes them, one after the other, each with a newline; @wrap puts
 * them into one <nodes> element. Errors: INTERNAL_ERROR for an expression whose value is no set of nodes,
 * INVALID_ARG with libxml2's words for one that is wrong. */
char *xml_xpath(const char *xml, const char *expression, gboolean wrap, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Fields are NULL where the document says nothing. */
typedef struct {
    char *type;                 /* "file" */
    char *device;               /* "disk" */
    char *target;               /* "vda" */
    char *source;               /* file, device, directory, name or volume; nvme://PCI/NAMESPACE */
} XmlDisk;

typedef struct {
    char *target;               /* the device on the host, "vnet0" */
    char *type;                 /* "bridge" */
    char *source;               /* bridge, device, network, name or path */
    char *model;
    char *mac;
} XmlInterface;

/* A display server as a viewer finds it. Absent numbers are 0. */
typedef struct {
    int port;
    int tls_port;
    char *listen;
    char *socket;
    char *password;
} XmlGraphics;

/* Arrays of the above that free their elements. */
GPtrArray *xml_domain_disks(const char *xml, GError **error) G_GNUC_WARN_UNUSED_RESULT;
GPtrArray *xml_domain_interfaces(const char *xml, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* Each field from the first <graphics> of @type that has it, as virsh reads them. */
XmlGraphics *xml_domain_graphics(const char *xml, const char *type, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void xml_graphics_free(XmlGraphics *graphics);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(XmlGraphics, xml_graphics_free)
/* Aliases of the devices that a console can be connected to, each once; NULL-terminated. */
char **xml_domain_console_aliases(const char *xml, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* *@screens: the heads of all video devices. */
gboolean xml_domain_screens(const char *xml, guint *screens, GError **error) G_GNUC_WARN_UNUSED_RESULT;
/* *@tty is the terminal of the console, NULL when it has none. */
gboolean xml_domain_console_tty(const char *xml, char **tty, GError **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
