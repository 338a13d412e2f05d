/* SPDX-License-Identifier: Apache-2.0 */
#include "tracer/tracer.h"

G_DEFINE_QUARK(tracer - error - quark, tracer_error)
