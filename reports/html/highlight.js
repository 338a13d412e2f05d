/* SPDX-License-Identifier: Apache-2.0 */
/* C as runs of text with a style: comments, strings, numbers, keywords, preprocessor. */
const keywords = new Set(('auto break case char const continue default do double else enum extern float for goto if inline int long register restrict return short ' +
  'signed sizeof static struct switch typedef union unsigned void volatile while _Atomic _Bool _Thread_local bool NULL true false').split(' '));
const tokens = /\/\/.*|\/\*.*?(?:\*\/|$)|"(?:[^"\\]|\\.)*"?|'(?:[^'\\]|\\.)*'?|\b[A-Za-z_]\w*|\b\d[\w.]*|[^\s\w"'/]+|\s+|./g;

function styleOf(token) {
  if (token.startsWith('//') || token.startsWith('/*')) return 'comment';
  if (token[0] === '"' || token[0] === "'") return 'string';
  if (/^\d/.test(token)) return 'digits';
  return keywords.has(token) ? 'keyword' : null;
}

/* `inside`: the line begins in a comment. Returns the nodes, and whether the next line does. */
function highlightLine(text, inside) {
  const nodes = [];
  const add = (part, style) => part && nodes.push(style ? element('span', { class: `code-${style}` }, raw(part)) : raw(part));
  if (inside) {
    const end = text.indexOf('*/');
    add(end < 0 ? text : text.slice(0, end + 2), 'comment');
    if (end < 0) return { nodes, inside };
    text = text.slice(end + 2);
    inside = false;
  }
  if (/^\s*#/.test(text)) {
    const comment = text.search(/\/[/*]/);
    add(comment < 0 ? text : text.slice(0, comment), 'preprocessor');
    text = comment < 0 ? '' : text.slice(comment);
  }
  for (const [token] of text.matchAll(tokens)) {
    add(token, styleOf(token));
    inside = token.startsWith('/*') && !(token.length > 3 && token.endsWith('*/'));
  }
  return { nodes, inside };
}

/* Text of a file: tabs stay, everything else that cannot be seen is made visible. */
const raw = (text) => document.createTextNode(text.split('\t').map(visible).join('\t'));
