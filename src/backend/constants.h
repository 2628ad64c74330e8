/* libvirt's public numbers for domains: states, reasons, flags. Source: libvirt-domain.h's documented API. */
#pragma once

#include "supervisor/status.h"      /* states and their reasons */

enum {
    DOMAIN_STATE_NONE = STATE_NOSTATE, DOMAIN_STATE_RUNNING = STATE_RUNNING, DOMAIN_STATE_BLOCKED = STATE_BLOCKED,
    DOMAIN_STATE_PAUSED = STATE_PAUSED, DOMAIN_STATE_SHUTDOWN = STATE_SHUTDOWN, DOMAIN_STATE_SHUTOFF = STATE_SHUTOFF,
    DOMAIN_STATE_CRASHED = STATE_CRASHED, DOMAIN_STATE_PMSUSPENDED = STATE_PMSUSPENDED,
};

/* connect_list_all_domains */
enum { LIST_ACTIVE = 1, LIST_INACTIVE = 2, LIST_PERSISTENT = 4, LIST_TRANSIENT = 8, LIST_RUNNING = 16, LIST_PAUSED = 32,
       LIST_SHUTOFF = 64, LIST_OTHER = 128, LIST_MANAGEDSAVE = 256, LIST_NO_MANAGEDSAVE = 512, LIST_AUTOSTART = 1024,
       LIST_NO_AUTOSTART = 2048, LIST_HAS_SNAPSHOT = 4096, LIST_NO_SNAPSHOT = 8192, LIST_HAS_CHECKPOINT = 16384,
       LIST_NO_CHECKPOINT = 32768 };
/* domain_create_* */
enum { START_PAUSED = 1, START_AUTODESTROY = 2, START_BYPASS_CACHE = 4, START_FORCE_BOOT = 8, START_VALIDATE = 16,
       START_RESET_NVRAM = 32 };
enum { DEFINE_VALIDATE = 1 };
enum { UNDEFINE_MANAGED_SAVE = 1, UNDEFINE_SNAPSHOTS_METADATA = 2, UNDEFINE_NVRAM = 4, UNDEFINE_KEEP_NVRAM = 8,
       UNDEFINE_CHECKPOINTS_METADATA = 16, UNDEFINE_TPM = 32, UNDEFINE_KEEP_TPM = 64 };
enum { DESTROY_GRACEFUL = 1, DESTROY_REMOVE_LOGS = 2 };
/* domain_shutdown_flags, domain_reboot */
enum { SHUTDOWN_ACPI_POWER_BTN = 1, SHUTDOWN_GUEST_AGENT = 2, SHUTDOWN_INITCTL = 4, SHUTDOWN_SIGNAL = 8,
       SHUTDOWN_PARAVIRT = 16 };
/* domain_get_xml_desc */
enum { XML_SECURE = 1, XML_INACTIVE = 2, XML_UPDATE_CPU = 4, XML_MIGRATABLE = 8 };
/* metadata */
enum { METADATA_DESCRIPTION = 0, METADATA_TITLE = 1, METADATA_ELEMENT = 2 };
/* the "live or config" flags of many calls */
enum { AFFECT_CURRENT = 0, AFFECT_LIVE = 1, AFFECT_CONFIG = 2 };
/* domain_set_lifecycle_action */
enum { LIFECYCLE_TYPE_POWEROFF = 0, LIFECYCLE_TYPE_REBOOT = 1, LIFECYCLE_TYPE_CRASH = 2 };
enum { LIFECYCLE_ACTION_DESTROY = 0, LIFECYCLE_ACTION_RESTART = 1, LIFECYCLE_ACTION_RESTART_RENAME = 2,
       LIFECYCLE_ACTION_PRESERVE = 3, LIFECYCLE_ACTION_COREDUMP_DESTROY = 4, LIFECYCLE_ACTION_COREDUMP_RESTART = 5 };
enum { CONSOLE_FORCE = 1, CONSOLE_SAFE = 2 };
enum { MONITOR_COMMAND_HMP = 1 };
enum { CONTROL_OK = 0, CONTROL_JOB = 1, CONTROL_OCCUPIED = 2, CONTROL_ERROR = 3 };
/* node_alloc_pages: the pools get this size instead of growing by it */
enum { ALLOC_PAGES_ADD = 0, ALLOC_PAGES_SET = 1 };
/* node_suspend_for_duration */
enum { NODE_SUSPEND_MEM = 0, NODE_SUSPEND_DISK = 1, NODE_SUSPEND_HYBRID = 2 };
/* node_get_cpu_stats, node_get_memory_stats: all CPUs, all cells */
#define NODE_STATS_ALL (-1)
/* Names in what they answer. */
#define NODE_CPU_STATS_KERNEL "kernel"
#define NODE_CPU_STATS_USER "user"
#define NODE_CPU_STATS_IDLE "idle"
#define NODE_CPU_STATS_IOWAIT "iowait"
#define NODE_CPU_STATS_UTILIZATION "utilization"
#define NODE_MEMORY_STATS_TOTAL "total"
#define NODE_MEMORY_STATS_FREE "free"
#define NODE_MEMORY_STATS_BUFFERS "buffers"
#define NODE_MEMORY_STATS_CACHED "cached"
/* connect_get_domain_capabilities */
enum { DOMCAPS_DISABLE_DEPRECATED = 1, DOMCAPS_EXPAND_FEATURES = 2, DOMCAPS_SUPPORTED_FEATURES = 4 };
/* connect_compare_cpu, connect_compare_hypervisor_cpu */
enum { COMPARE_CPU_FAIL_INCOMPATIBLE = 1, COMPARE_CPU_VALIDATE_XML = 2 };
/* connect_baseline_cpu, connect_baseline_hypervisor_cpu */
enum { BASELINE_CPU_EXPAND_FEATURES = 1, BASELINE_CPU_MIGRATABLE = 2, BASELINE_CPU_IGNORE_HOST = 4 };
/* connect_list_all_secrets */
enum { SECRETS_EPHEMERAL = 1, SECRETS_NO_EPHEMERAL = 2, SECRETS_PRIVATE = 4, SECRETS_NO_PRIVATE = 8 };
/* secret_define_xml */
enum { SECRET_DEFINE_VALIDATE = 1 };
