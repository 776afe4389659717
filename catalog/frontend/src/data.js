// The Data tab: a cell's whole value and a column's filter in popovers, the SQL panel when it is first asked for.
// Without this script the row's own page shows the value, the filter stands above the rows, and SQL is the server's.
//
// <data-grid> holds the table and a <template data-cell>; both are swapped by htmx, so events are delegated.
import { say } from './words.js';

/** Put an open popover under its element, or above where there is no room. */
function placeBeside(popover, element) {
  const box = element.getBoundingClientRect();
  const left = Math.min(box.left, innerWidth - popover.offsetWidth - 8);
  const below = box.bottom + popover.offsetHeight < innerHeight;
  popover.style.margin = '0';
  popover.style.left = `${Math.max(8, left)}px`;
  popover.style.top = `${below ? box.bottom : Math.max(8, box.top - popover.offsetHeight)}px`;
}

class DataGrid extends HTMLElement {
  #asked = null;

  connectedCallback() {
    this.addEventListener('click', (event) => this.#open(event));
    this.addEventListener('click', (event) => this.#openSql(event));
    this.addEventListener('click', (event) => {
      const filter = event.target.closest('.th-filter');
      if (filter) this.#asked = filter;
      const close = event.target.closest('[popover] [data-close-filter]');
      if (close) {
        event.preventDefault();
        close.closest('[popover]').hidePopover();
        this.#asked?.focus();
      }
    });
    this.addEventListener('htmx:afterSwap', (event) => {
      if (event.target.matches('#column-filter[popover]') && this.#asked) this.#showFilter(event.target);
    });
    this.addEventListener('htmx:afterSettle', () => {
      const count = this.querySelector('[data-count]');
      if (count) say(count.textContent.trim());
    });
  }

  #showFilter(popover) {
    popover.showPopover();
    placeBeside(popover, this.#asked);
    popover.querySelector('input:not([type=hidden]), a.btn')?.focus();
  }

  async #openSql(event) {
    const link = event.target.closest('[data-open-sql]');
    const panel = document.getElementById('sql-panel');
    if (!link || !panel || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    try {
      await import(panel.dataset.module);
    } catch {
      // The script could not be fetched: the link leads where it always did.
      location.assign(link.href);
      return;
    }
    panel.open(link.dataset.sql);
  }

  #open(event) {
    const cell = event.target.closest('td[data-column]');
    // A text that is being selected is not a click, and a link in a cell stays a link.
    if (!cell || event.target.closest('a') || !getSelection().isCollapsed) return;
    this.#close();
    const popover = this.querySelector('template[data-cell]').content.firstElementChild.cloneNode(true);
    const column = cell.dataset.column;
    const value = cell.textContent.trim();
    popover.querySelector('[data-name]').textContent = column;
    popover.querySelector('[data-value]').textContent = value;
    popover.querySelector('[data-clipped]').hidden = !('clipped' in cell.dataset);
    popover.querySelector('[data-row]').href = cell.parentElement.querySelector('th a').href;
    this.#offerFilter(popover.querySelector('[data-only]'), cell, column, 'is', 'only');
    this.#offerFilter(popover.querySelector('[data-not]'), cell, column, 'not', 'none');
    popover.querySelector('[data-copy-cell]').addEventListener('click', async () => {
      await navigator.clipboard?.writeText(value);
      say(popover.dataset.tCopied);
    });
    this.#place(popover, cell);
  }

  #offerFilter(link, cell, column, operator, missingIs) {
    const missing = 'null' in cell.dataset;
    // A clipped value is not the whole value, and nested ones can't be compared.
    link.hidden = !missing && cell.dataset.is === undefined;
    if (link.hidden) return;
    const query = new URLSearchParams(location.search);
    for (const name of ['page', 'row']) query.delete(name);
    if (missing) query.set(`missing:${column}`, missingIs);
    // One value may be the only one; several may be left out.
    else if (operator === 'is') query.set(`is:${column}`, cell.dataset.is);
    else query.append(`not:${column}`, cell.dataset.is);
    link.href = `?${query}`;
  }

  #place(popover, cell) {
    this.append(popover);
    popover.addEventListener('toggle', (event) => {
      if (event.newState !== 'closed') return;
      const within = popover.contains(document.activeElement) || document.activeElement === document.body;
      popover.remove();
      if (within) cell.querySelector('button')?.focus();
    });
    popover.showPopover();
    placeBeside(popover, cell);
    popover.querySelector('button, a')?.focus();
  }

  #close() {
    this.querySelector('[popover]:popover-open')?.hidePopover();
  }
}

customElements.define('data-grid', DataGrid);
