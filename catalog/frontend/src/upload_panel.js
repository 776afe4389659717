// <upload-panel>: choose or drop files, watch them go, pause, resume, also after a reload of the page.
//
// data-api     the address of the uploads in the API
// data-dataset owner/name
// data-worker  the address of upload.worker.js
// data-csrf    the page's form token
// data-limit   the most bytes that the site takes of one file
// data-unpacked  the most that it takes out of a compressed one
// data-kind    document: what is chosen here explains tables and is none
// data-t-*     its sentences
import { droppedFiles } from './dropped_files.js';
import { Hasher } from './hasher.js';
import { PartUploader } from './part_uploader.js';
import { chosenPurpose, DOCUMENT, purposeOf } from './purpose.js';
import { forget, recall, remember } from './sessions.js';
import { Slots } from './slots.js';
import { UploadApi } from './upload_api.js';
import { UploadRow } from './upload_row.js';
import { fill, say, size } from './words.js';

const PARTS_AT_ONCE = 4;
const FILES_AT_ONCE = 2;

class UploadPanel extends HTMLElement {
  #uploaders = new Set();
  #slots = new Slots(PARTS_AT_ONCE);
  #files = new Slots(FILES_AT_ONCE);
  #hashers = [];
  #turn = 0;
  /** The unfinished upload whose button opened the file dialog. */
  #expected = null;

  connectedCallback() {
    this.list = this.querySelector('[data-list]');
    this.template = this.querySelector('template[data-row]');
    this.drop = this.querySelector('[data-drop]');
    this.input = this.querySelector('input[type=file]');
    this.note = this.querySelector('[data-note]');
    this.purpose = this.querySelector('[data-purpose-form]');
    this.api = new UploadApi(this.dataset.api, this.dataset.csrf);
    this.input.addEventListener('change', () => {
      this.#choose([...this.input.files]);
      this.input.value = '';
    });
    this.input.addEventListener('cancel', () => {
      this.#expected = null;
    });
    for (const button of this.querySelectorAll('[data-continue]')) {
      button.addEventListener('click', () => {
        this.#expected = button.closest('[data-upload]');
        this.input.click();
      });
      button.hidden = false;
    }
    this.#watchDrops();
    addEventListener('beforeunload', this.#guard);
  }

  disconnectedCallback() {
    removeEventListener('beforeunload', this.#guard);
    for (const uploader of this.#uploaders) uploader.pause();
    for (const hasher of this.#hashers) hasher.close();
    this.#hashers = [];
  }

  #guard = (event) => {
    if ([...this.#uploaders].some((uploader) => uploader.isActive)) event.preventDefault();
  };

  #watchDrops() {
    // Beside the drop zone a dropped file would replace the page, and the uploads with it.
    for (const type of ['dragover', 'drop']) {
      this.ownerDocument.addEventListener(type, (event) => {
        if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
      });
    }
    for (const type of ['dragenter', 'dragover']) {
      this.drop.addEventListener(type, () => this.drop.classList.add('over'));
    }
    for (const type of ['dragleave', 'drop']) {
      this.drop.addEventListener(type, () => this.drop.classList.remove('over'));
    }
    this.drop.addEventListener('drop', async (event) => this.#choose(await droppedFiles(event.dataTransfer)));
  }

  #choose(files) {
    const expected = this.#expected;
    this.#expected = null;
    this.#tell('');
    const chosen = this.dataset.kind === DOCUMENT.kind ? DOCUMENT : chosenPurpose(this.purpose);
    const purpose = expected ? purposeOf(JSON.parse(expected.dataset.purpose)) : chosen;
    if (expected && files.length) {
      const [file] = files;
      if (expected.dataset.upload !== recall(this.dataset.dataset, purpose, file)) {
        const same = expected.dataset.name === file.name && Number(expected.dataset.size) === file.size;
        this.#tell(fill(same ? this.dataset.tUnknown : this.dataset.tOther, { name: file.name }));
        return;
      }
    }
    const limit = Number(this.dataset.limit);
    this.#tell(...files.filter((file) => file.size > limit).map((file) => this.#tooLarge(file, limit)));
    for (const file of files) if (file.size <= limit) this.#add(file, purpose);
  }

  /** Why the file is not begun, and what to do. */
  #tooLarge(file, limit) {
    const sentence = file.size > Number(this.dataset.unpacked) ? this.dataset.tLarger : this.dataset.tLarge;
    // Two numbers that are written alike would say nothing.
    const isNear = size(file.size) === size(limit);
    const [own, most] = [file.size, limit].map(isNear ? (bytes) => `${bytes.toLocaleString('en')} B` : size);
    return fill(sentence, { name: file.name, size: own, limit: most });
  }

  #add(file, purpose) {
    const { dataset } = this.dataset;
    const id = recall(dataset, purpose, file);
    if (id && [...this.#uploaders].some((other) => other.id === id && other.state !== 'cancelled')) return;
    const uploader = new PartUploader(file, {
      dataset,
      purpose,
      id,
      api: this.api,
      hasher: { digest: (...asked) => this.#hasher().digest(...asked) },
      sha256Of: (whole) => this.#hashWhole(whole, uploader, row),
      slots: this.#slots,
      files: this.#files,
    });
    const row = new UploadRow(uploader, this.template, this.dataset);
    this.#uploaders.add(uploader);
    this.list.append(row.element);
    this.list.hidden = false;
    if (id) this.#hideUnfinished(id);
    uploader.addEventListener('opened', (event) => remember(dataset, purpose, file, event.detail.id));
    uploader.addEventListener('done', (event) => {
      forget(dataset, purpose, file);
      const finish = () => this.#take(uploader, row);
      this.dispatchEvent(new CustomEvent('uploaded', { bubbles: true, detail: { id: event.detail.id, finish } }));
    });
    row.element.addEventListener('as-document', () => {
      this.#take(uploader, row);
      this.#add(file, DOCUMENT);
    });
    uploader.addEventListener('state', () => {
      if (uploader.state !== 'cancelled') return;
      forget(dataset, purpose, file);
      this.#remove(uploader, row);
    });
    uploader.start();
  }

  #remove(uploader, row) {
    this.#take(uploader, row);
    say(fill(this.dataset.tCancelled, { name: uploader.file.name }));
  }

  /** Take a row away; a keyboard that stood in it goes back to the file field. */
  #take(uploader, row) {
    const held = row.element.contains(this.ownerDocument.activeElement);
    this.#uploaders.delete(uploader);
    row.element.remove();
    this.list.hidden = !this.list.children.length;
    if (held) this.input.focus();
  }

  #hideUnfinished(id) {
    const item = this.querySelector(`[data-upload="${CSS.escape(id)}"]`);
    if (!item) return;
    const box = item.closest('[data-unfinished]');
    item.remove();
    if (box && !box.querySelector('[data-upload]')) box.remove();
  }

  /** MD5 of parts: two threads where the machine has them. */
  #hasher() {
    const wanted = navigator.hardwareConcurrency >= 4 ? 2 : 1;
    while (this.#hashers.length < wanted) this.#hashers.push(new Hasher(this.dataset.worker));
    this.#turn = (this.#turn + 1) % wanted;
    return this.#hashers[this.#turn];
  }

  /** The whole file's sha256, in a thread of its own that ends with it. */
  #hashWhole(file, uploader, row) {
    const hasher = new Hasher(this.dataset.worker);
    uploader.addEventListener('state', () => {
      if (uploader.state === 'cancelled') hasher.close();
    });
    return hasher.digest('sha256', file, (read) => row.showHashed(read)).finally(() => hasher.close());
  }

  #tell(...sentences) {
    const lines = sentences.filter(Boolean).map((sentence) => {
      const line = this.ownerDocument.createElement('p');
      line.textContent = sentence;
      return line;
    });
    this.note.replaceChildren(...lines);
    this.note.hidden = !lines.length;
    if (lines.length) say(sentences.join(' '));
  }
}

customElements.define('upload-panel', UploadPanel);
