/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as people read them; the same words in every locale. */
const threeDigits = (value) => {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toFixed(digits);
};

function scaled(value, units, step) {
  let unit = 0;
  while (unit + 1 < units.length && Math.abs(value) >= step * (1 - 5e-4)) {
    value /= step;
    unit += 1;
  }
  return `${threeDigits(value)} ${units[unit]}`;
}

function seconds(value) {
  if (value === null || value === undefined) return '–';
  if (Math.abs(value) < 5e-10) return '0 s';
  if (Math.abs(value) < 1) return (value < 0 ? '−' : '') + scaled(Math.abs(value) * 1e9, ['ns', 'µs', 'ms', 's'], 1000);
  if (value < 600) return `${threeDigits(value)} s`;
  return value < 36000 ? `${threeDigits(value / 60)} min` : `${threeDigits(value / 3600)} h`;
}

function bytes(value) {
  return value === null || value === undefined ? '–' : scaled(value, ['B', 'KiB', 'MiB', 'GiB', 'TiB'], 1024);
}

function percent(value, digits = 0) {
  if (value === null || value === undefined) return '–';
  if (value > 0 && value < 0.01 && digits === 0) return '<1 %';
  return `${(value * 100).toFixed(digits)} %`;
}

function count(value) {
  return value === null || value === undefined ? '–' : Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

const metricOf = (name) => data.metrics[name] || data.metrics[name.replace(/\.[^.]*$/, '.<name>')] || null;

/* A value of a metric in its unit. */
function quantity(metric, value) {
  if (value === null || value === undefined) return '–';
  const known = metricOf(metric);
  const unit = known ? known.unit : '';
  if (known && known.share) return percent(value, Number.isInteger(Math.round(value * 1e4) / 100) ? 0 : 1);
  if (unit === 's') return seconds(value);
  if (unit === 'B') return bytes(value);
  return Number.isInteger(value) ? count(value) : threeDigits(value);
}

const plural = (number, word, words) => `${count(number)} ${number === 1 ? word : words || `${word}s`}`;
