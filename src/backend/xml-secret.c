#include "backend/xml-secret.h"

#include "model/secret.h"

const char *
xml_secret_usage_name(int usage_type)
{
    return secret_usage_name(usage_type);
}
