/* SPDX-License-Identifier: Apache-2.0 */
#include "reports/quantity.h"

#include <math.h>
#include <string.h>

#include "model/metric.h"

/* printf's %f follows the locale; GLib's conversion does not. */
static char *format_decimals(double value, int decimals)
{
    char format[] = "%.0f";
    char buffer[G_ASCII_DTOSTR_BUF_SIZE + 320];
    format[2] = (char)('0' + decimals);
    return g_strdup(g_ascii_formatd(buffer, sizeof buffer, format, value));
}

static int decimals_of(double value)
{
    double magnitude = fabs(value);
    if (magnitude == 0 || magnitude >= 99.95)
        return 0;
    if (magnitude >= 9.995)
        return 1;
    return 2;
}

static char *with_unit(double value, const char *unit)
{
    g_autofree char *number = format_decimals(value, decimals_of(value));
    return g_strconcat(number, " ", unit, NULL);
}

char *quantity_seconds(double seconds)
{
    double magnitude = fabs(seconds);
    if (!isfinite(seconds))
        return g_strdup("-");
    if (magnitude == 0)
        return g_strdup("0 s");
    if (magnitude < 1e-6)
        return with_unit(seconds * 1e9, "ns");
    if (magnitude < 1e-3)
        return with_unit(seconds * 1e6, "µs");
    if (magnitude < 1)
        return with_unit(seconds * 1e3, "ms");
    if (magnitude < 120)
        return with_unit(seconds, "s");
    gint64 whole = (gint64)(magnitude + 0.5);
    const char *sign = seconds < 0 ? "-" : "";
    if (whole < 7200)
        return g_strdup_printf("%s%" G_GINT64_FORMAT " min %" G_GINT64_FORMAT " s", sign, whole / 60,
                               whole % 60);
    return g_strdup_printf("%s%" G_GINT64_FORMAT " h %" G_GINT64_FORMAT " min", sign, whole / 3600,
                           whole % 3600 / 60);
}

char *quantity_bytes(double bytes)
{
    static const char *const units[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB"};
    guint unit = 0;
    if (!isfinite(bytes))
        return g_strdup("-");
    while (fabs(bytes) >= 1024 && unit + 1 < G_N_ELEMENTS(units)) {
        bytes /= 1024;
        unit++;
    }
    if (unit == 0)
        return g_strdup_printf("%.0f B", bytes);
    return with_unit(bytes, units[unit]);
}

char *quantity_count(guint64 count)
{
    g_autofree char *digits = g_strdup_printf("%" G_GUINT64_FORMAT, count);
    GString *out = g_string_new(NULL);
    gsize length = strlen(digits);
    for (gsize i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0)
            g_string_append_c(out, ',');
        g_string_append_c(out, digits[i]);
    }
    return g_string_free(out, FALSE);
}

char *quantity_percent(double share)
{
    double percent = share * 100;
    if (!isfinite(share))
        return g_strdup("-");
    /* Near both ends one decimal more: 99.7 % is not 100 %, and 0.4 % is not nothing. */
    int decimals = (fabs(percent) >= 0.05 && fabs(percent) < 1) || (percent > 99 && percent < 99.95) ? 1 : 0;
    g_autofree char *number = format_decimals(percent, decimals);
    return g_strconcat(number, " %", NULL);
}

char *quantity_percent_fine(double share)
{
    if (!isfinite(share))
        return g_strdup("-");
    g_autofree char *number = format_decimals(share * 100, 1);
    return g_strconcat(number, " %", NULL);
}

char *quantity_number(double value)
{
    double magnitude = fabs(value);
    if (!isfinite(value))
        return g_strdup("-");
    if (magnitude > 0 && magnitude < 0.1) {
        char buffer[G_ASCII_DTOSTR_BUF_SIZE];
        return g_strdup(g_ascii_formatd(buffer, sizeof buffer, "%.3g", value));
    }
    if (value == floor(value) && magnitude < 1e15)
        return format_decimals(value, 0);
    return format_decimals(value, decimals_of(value));
}

char *quantity_metric(const char *metric, double value)
{
    const struct metric *row = metric_find(metric);
    if (row && row->share)
        return quantity_percent(value);
    if (row && g_str_equal(row->unit, "s"))
        return quantity_seconds(value);
    if (row && g_str_equal(row->unit, "B"))
        return quantity_bytes(value);
    if (row && g_str_equal(row->unit, "count") && value >= 0 && value < 1e18 && value == floor(value))
        return quantity_count((guint64)value);
    return quantity_number(value);
}
