// The Data tab: a cell's whole value in a popover. Without this script the row's own page shows the same.
//
// <data-grid> holds the table and a <template data-cell>; both are swapped by htmx, so events are delegated.
import { say } from './words.js';

class DataGrid extends HTMLElement {
  connectedCallback() {
    this.addEventListener('click', (event) => this.#open(event));
    this.addEventListener('htmx:afterSettle', () => {
      const count = this.querySelector('[data-count]');
      if (count) say(count.textContent.trim());
    });
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
    this.#offerFilter(popover.querySelector('[data-only]'), cell, column);
    popover.querySelector('[data-copy-cell]').addEventListener('click', async () => {
      await navigator.clipboard?.writeText(value);
      say(popover.dataset.tCopied);
    });
    this.#place(popover, cell);
  }

  #offerFilter(link, cell, column) {
    const missing = 'null' in cell.dataset;
    // A clipped value is not the whole value, and nested ones can't be compared.
    link.hidden = !missing && cell.dataset.is === undefined;
    if (link.hidden) return;
    const query = new URLSearchParams(location.search);
    for (const name of ['page', 'row']) query.delete(name);
    query.set(missing ? `missing:${column}` : `is:${column}`, missing ? 'only' : cell.dataset.is);
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
    const box = cell.getBoundingClientRect();
    const left = Math.min(box.left, innerWidth - popover.offsetWidth - 8);
    const below = box.bottom + popover.offsetHeight < innerHeight;
    popover.style.margin = '0';
    popover.style.left = `${Math.max(8, left)}px`;
    popover.style.top = `${below ? box.bottom : Math.max(8, box.top - popover.offsetHeight)}px`;
    popover.querySelector('button, a')?.focus();
  }

  #close() {
    this.querySelector('[popover]:popover-open')?.hidePopover();
  }
}

customElements.define('data-grid', DataGrid);
