#include "commands/registry.h"

#define CMD(id) extern const CmdDef cmd_##id;
#include "commands/list.def"
#undef CMD

#define CMD(id) &cmd_##id,
const CmdDef *const cmd_all[] = {
#include "commands/list.def"
    NULL,
};
#undef CMD

const CmdGroup cmd_groups[] = {
    { "domain", "Domain Management" },
    { "monitor", "Domain Monitoring" },
    { "events", "Domain Events" },
    { "host", "Host and Hypervisor" },
    { "checkpoint", "Checkpoint" },
    { "interface", "Interface" },
    { "filter", "Network Filter" },
    { "network", "Networking" },
    { "nodedev", "Node Device" },
    { "secret", "Secret" },
    { "snapshot", "Snapshot" },
    { "backup", "Backup" },
    { "pool", "Storage Pool" },
    { "volume", "Storage Volume" },
    { "virsh", "Virsh itself" },
    { NULL, NULL },
};
