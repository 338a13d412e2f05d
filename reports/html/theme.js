/* SPDX-License-Identifier: Apache-2.0 */
/* Light, dark, or as the system has it. */
const themes = ['auto', 'light', 'dark'];
const themeMarks = { auto: '◐', light: '☀', dark: '☾' };

/* A page opened from a file may have no storage. */
function storedTheme() {
  try {
    return themes.includes(localStorage.getItem('corewise-theme')) ? localStorage.getItem('corewise-theme') : 'auto';
  } catch {
    return 'auto';
  }
}

function makeThemeButton() {
  const button = element('button', { type: 'button', class: 'theme', id: 'theme' });
  let theme = storedTheme();
  function apply() {
    if (theme === 'auto') document.documentElement.removeAttribute('data-theme');
    else document.documentElement.setAttribute('data-theme', theme);
    button.textContent = `${themeMarks[theme]} ${theme}`;
    button.setAttribute('aria-label', `Colours: ${theme}. Change them`);
    document.dispatchEvent(new Event('themechange'));
  }
  button.addEventListener('click', () => {
    theme = themes[(themes.indexOf(theme) + 1) % themes.length];
    try {
      localStorage.setItem('corewise-theme', theme);
    } catch {
      /* it then lasts as long as the page */
    }
    apply();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => document.dispatchEvent(new Event('themechange')));
  apply();
  return button;
}

const isDark = () => getComputedStyle(document.documentElement).colorScheme === 'dark';
const colourOf = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
