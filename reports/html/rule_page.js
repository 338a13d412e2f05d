/* SPDX-License-Identifier: Apache-2.0 */
/* The page of a rule, from the little Markdown that these pages use. */
function inlineMarkdown(text) {
  const nodes = [];
  for (const [, code, link, plain] of text.matchAll(/`([^`]+)`|\[([^\]]+)\]\([^)]*\)|([^`[]+|[`[])/g))
    nodes.push(code ? element('code', {}, code) : (link || plain).replace(/\n/g, ' '));
  return nodes;
}

function markdownBlock(block) {
  if (block.startsWith('```')) return element('pre', {}, block.split('\n').slice(1, -1).map((line) => [raw(line), document.createTextNode('\n')]));
  if (/^#+ /.test(block)) return element('h4', {}, inlineMarkdown(block.replace(/^#+ /, '')));
  if (block.startsWith('- ')) return element('ul', {}, block.slice(2).split(/\n- /).map((item) => element('li', {}, inlineMarkdown(item))));
  if (block.startsWith('|')) return element('pre', {}, block.split('\n').map((line) => [raw(line), document.createTextNode('\n')]));
  return element('p', {}, inlineMarkdown(block));
}

function rulePage(rule) {
  if (!Object.hasOwn(data.rules, rule)) return null;
  const blocks = data.rules[rule].match(/```[^]*?```|(?:(?!\n\n|```)[^])+/g) || [];
  return element('details', { class: 'rule-page' }, element('summary', {}, `What ${rule} means`), blocks.map((block) => block.trim()).filter((block) => block && !block.startsWith('# ')).map(markdownBlock));
}
