/* SPDX-License-Identifier: Apache-2.0 */
#include "analyzer/analyzer.h"

G_DEFINE_QUARK(corewise - analyzer - error, analyzer_error)
