// The SQL panel of the Data tab: the question is answered by a worker in the reader's browser, over our own Parquet.
// data.js loads this when the panel is first opened. Without it the link leads to the server's page of the same name.
import { drawTable, SHOWN, toCsv } from './sql/answer_table.js';
import { fill, say } from './words.js';

const KEPT = 100_000;
const CELLS = 5_000_000;
const BUSY_AFTER = 300;

class SqlPanel extends HTMLElement {
  #worker = null;
  #asked = 0;
  #begun = 0;
  #ticking = 0;
  #isRunning = false;
  #answer = null;

  connectedCallback() {
    this.addEventListener('click', (event) => {
      const action = event.target.closest('[data-do]')?.dataset.do;
      if (action) this[action]();
    });
    this.#text.addEventListener('keydown', (event) => {
      if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
      // The form's own Ctrl+Enter asks the server.
      event.preventDefault();
      event.stopPropagation();
      this.run();
    });
  }

  disconnectedCallback() {
    this.#end();
  }

  /** Show the panel; `sql` is put into it unless something was typed. */
  open(sql) {
    this.hidden = false;
    if (sql && !this.#wasTyped) this.#text.value = sql;
    this.#text.focus();
  }

  close() {
    this.#end();
    this.hidden = true;
    document.querySelector('[data-open-sql]')?.focus();
  }

  run() {
    if (this.#isRunning) this.#end();
    this.#worker ??= this.#start();
    this.#isRunning = true;
    this.#begun = performance.now();
    this.#asked += 1;
    const limits = { cells: CELLS, rows: KEPT };
    this.#worker.postMessage({ id: this.#asked, sql: this.#text.value, tables: this.#tables, limits });
    this.#part('stop').hidden = false;
    this.#part('out').setAttribute('aria-busy', 'true');
    this.#ticking = setInterval(() => this.#tick(), BUSY_AFTER);
  }

  stop() {
    this.#end();
    this.#speak(this.dataset.tStopped);
  }

  save() {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([toCsv(this.#answer)], { type: 'text/csv' }));
    link.download = `${this.dataset.name}.csv`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }

  link() {
    const address = new URL(this.querySelector('form').action);
    address.searchParams.set('sql', this.#text.value);
    this.#copy(address.href);
  }

  duckdb() {
    const views = Object.entries(this.#tables).map(([name, parts]) => {
      const files = parts.map(({ url }) => `'${new URL(url, location.href)}'`).join(', ');
      return `CREATE VIEW "${name}" AS FROM read_parquet([${files}]);`;
    });
    this.#copy([...views, this.#text.value.trim().replace(/;?$/, ';')].join('\n'));
  }

  get #text() {
    return this.querySelector('textarea');
  }

  get #wasTyped() {
    return this.#text.value !== this.#text.defaultValue;
  }

  get #tables() {
    return JSON.parse(this.dataset.tables);
  }

  /** It keeps what it has read for the next question. */
  #start() {
    const worker = new Worker(this.dataset.worker, { type: 'module' });
    worker.addEventListener('message', ({ data }) => this.#hear(data));
    worker.addEventListener('error', () => this.#hear({ id: this.#asked, refusal: 'engine', detail: '' }));
    return worker;
  }

  #part(name) {
    return this.querySelector(`[data-part="${name}"]`);
  }

  #tick() {
    const seconds = Math.round((performance.now() - this.#begun) / 1000);
    this.#part('said').textContent = fill(this.dataset.tRunning, { seconds });
  }

  #hear({ id, columns, rows, isCut, refusal, detail }) {
    if (id !== this.#asked) return;
    const milliseconds = Math.round(performance.now() - this.#begun);
    this.#settle();
    if (refusal) {
      this.#refuse(refusal, detail);
      return;
    }
    this.#answer = { columns, rows };
    const values = { rows: rows.length.toLocaleString('en'), shown: SHOWN, milliseconds: milliseconds.toLocaleString('en') };
    const sentence = isCut ? 'tCut' : rows.length > SHOWN ? 'tShown' : rows.length === 1 ? 'tRow' : 'tRows';
    this.#speak(fill(this.dataset[sentence], values));
    this.#part('refusal').hidden = true;
    this.#part('out').replaceChildren(drawTable(this.#answer, this.dataset.tNull));
    this.#part('out').hidden = false;
    this.#part('save').hidden = false;
  }

  /** In the engine's own words where they are about the question; the server's page is one button away. */
  #refuse(refusal, detail) {
    const words = { cells: 'tCells', network: 'tNetwork', session: 'tSession', engine: 'tEngine' };
    const note = this.#part('refusal');
    note.querySelector('strong').textContent = this.dataset[words[refusal]];
    note.querySelector('p').textContent = detail;
    note.hidden = false;
    this.#part('out').hidden = true;
    this.#part('save').hidden = true;
    this.#part('said').textContent = '';
    say(`${this.dataset[words[refusal]]} ${detail}`);
  }

  #speak(sentence) {
    this.#part('said').textContent = sentence;
    say(sentence);
  }

  async #copy(text) {
    try {
      await navigator.clipboard.writeText(text);
      this.#speak(this.dataset.tCopied);
    } catch {
      // Without https there is no clipboard: what would have been copied is shown.
      this.#part('said').textContent = text;
    }
  }

  #settle() {
    clearInterval(this.#ticking);
    this.#isRunning = false;
    this.#part('stop').hidden = true;
    this.#part('out').removeAttribute('aria-busy');
  }

  /** Nothing runs any more; what was read goes with the worker. */
  #end() {
    this.#worker?.terminate();
    this.#worker = null;
    this.#settle();
  }
}

customElements.define('sql-panel', SqlPanel);
