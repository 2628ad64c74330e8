/* The store of qemu:///: files, for any number of processes at once.
 *
 *   CONFIG/qemu/NAME.xml           the definition; the file's name is the domain's (file_name_escape())
 *   CONFIG/qemu/uuid/UUID          link to ../NAME.xml
 *   CONFIG/qemu/autostart/NAME     link to ../NAME.xml; autostart-once/ likewise
 *   CONFIG/qemu/removing/NAME      what is to be removed after that definition has been (JSON: uuid, files, trees), or
 *                                  which name it is about to get (uuid, renamed)
 *   RUN/qemu/NAME/                 of a running domain: status, journal … (the supervisor's), live.xml, applied
 *   RUN/qemu/NAME.last             why it last ended (the supervisor's)
 *   RUN/lock/NAME, RUN/job/NAME    whoever changes it; a long job
 *   RUN/next-id                    the id that the next domain gets
 *   RUN/events/journal             what no supervisor reports (defined, undefined), bounded
 *
 * Locks are outside of RUN/qemu/NAME because that folder comes and goes with the guest, and the lock must not.
 *
 * Order of writes, so that a crash between any two leaves the old or the new state: a definition is there from the moment
 * its file is renamed into place until it is unlinked. A link by uuid is made after and removed before; a file without its
 * link is found by the uuid inside of it, and the next change adds the link. When a domain is renamed, turning the link is
 * what counts: of two files with one uuid, the one that the link does not mean is a leftover. What goes with a definition
 * (NVRAM, the state of a TPM), and which two files a leftover may be among, is listed in removing/ before; what is listed is
 * removed after, or by whoever next takes the lock of the names. A list beside a definition that is there counts for nothing. */
#pragma once

#include "backend/embedded/paths.h"
#include "backend/embedded/store.h"

G_BEGIN_DECLS

/* @paths is borrowed and must outlive the store. Nothing is created. */
Store *store_files_new(const Paths *paths);

G_END_DECLS
