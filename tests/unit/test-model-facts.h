/* The facts of an emulator that is always the same: QEMU 7.2 as Debian builds it. */
#pragma once

#include "model/domain.h"

extern const DomainFacts test_model_facts;
