// One file's line in the panel: name, what is happening, a bar, and the buttons that make sense now.
import { Refused } from './upload_api.js';
import { duration, fill, say, size } from './words.js';
import { Speed } from './speed.js';

const REDRAW_EVERY = 250;
const SAY_EVERY = 25;

export class UploadRow {
  #words;
  #uploader;
  #speed = new Speed();
  #line;
  #bar;
  #buttons;
  #drawn = 0;
  #said = 0;

  /** `template` is the page's own markup for a row, `words` its sentences (a dataset of data-t-*). */
  constructor(uploader, template, words) {
    this.#uploader = uploader;
    this.#words = words;
    const { file } = uploader;
    this.element = template.content.firstElementChild.cloneNode(true);
    this.element.querySelector('[data-name]').textContent = file.name;
    this.#line = this.element.querySelector('[data-line]');
    this.#bar = this.element.querySelector('progress');
    this.#bar.max = file.size || 1;
    this.#bar.setAttribute('aria-label', file.name);
    this.#buttons = Object.fromEntries(
      [...this.element.querySelectorAll('[data-do]')].map((button) => [button.dataset.do, button]),
    );
    for (const button of Object.values(this.#buttons)) {
      button.setAttribute('aria-label', `${button.textContent.trim()} ${file.name}`);
    }
    this.#buttons.pause.addEventListener('click', () => this.#press(() => uploader.pause(), 'resume'));
    this.#buttons.resume.addEventListener('click', () => this.#press(() => uploader.start(), 'pause'));
    this.#buttons.document.addEventListener('click', () => this.element.dispatchEvent(new Event('as-document')));
    this.#buttons.cancel.addEventListener('click', () => uploader.cancel());
    uploader.addEventListener('progress', () => this.#progress());
    uploader.addEventListener('state', () => this.#draw());
    this.#draw();
  }

  /** The bytes read for the whole file's hash, while nothing else is left to wait for. */
  showHashed(bytes) {
    if (this.#uploader.state === 'finishing') this.#write('finishing', { percent: this.#percent(bytes) });
  }

  /** The pressed button vanishes; the keyboard stays on the one in its place. */
  #press(action, next) {
    action();
    if (!this.#buttons[next].hidden) this.#buttons[next].focus();
  }

  #percent(bytes) {
    return Math.floor((100 * bytes) / (this.#uploader.file.size || 1));
  }

  #write(name, values = {}) {
    const { file, sent } = this.#uploader;
    const known = { name: file.name, sent: size(sent), total: size(file.size), percent: this.#percent(sent) };
    this.#line.textContent = fill(this.#words[`t${name[0].toUpperCase()}${name.slice(1)}`], { ...known, ...values });
  }

  #progress() {
    const { sent, state } = this.#uploader;
    const now = performance.now();
    this.#speed.add(sent, now);
    if (state !== 'running' || now - this.#drawn < REDRAW_EVERY) return;
    this.#drawn = now;
    this.#bar.value = sent;
    const speed = this.#speed.perSecond;
    if (speed === null) this.#write('running');
    else this.#write('speed', { speed: size(Math.round(speed)), left: duration((this.#uploader.file.size - sent) / speed) });
    this.#sayQuarters();
  }

  #sayQuarters() {
    const percent = this.#percent(this.#uploader.sent);
    if (percent < this.#said + SAY_EVERY || percent >= 100) return;
    this.#said = percent - (percent % SAY_EVERY);
    say(fill(this.#words.tQuarter, { name: this.#uploader.file.name, percent: this.#said }));
  }

  #draw() {
    const { state, sent, file, error } = this.#uploader;
    this.element.dataset.state = state;
    this.#bar.value = state === 'done' ? file.size : sent;
    this.#buttons.pause.hidden = !['queued', 'running', 'offline'].includes(state);
    this.#buttons.resume.hidden = !['paused', 'failed'].includes(state);
    this.#buttons.cancel.hidden = ['finishing', 'done', 'cancelled'].includes(state);
    if (state === 'running') this.#speed.reset();
    if (state === 'failed') this.#explain(error);
    else if (this.#words[`t${state[0].toUpperCase()}${state.slice(1)}`]) this.#write(state);
    if (['paused', 'offline', 'failed', 'done'].includes(state)) say(`${file.name}: ${this.#line.textContent}`);
  }

  #explain(error) {
    if (error instanceof Refused && error.status < 500) {
      const { detail = '', remedy = '' } = error.problem;
      if (detail || remedy) this.#line.textContent = [detail, remedy].filter(Boolean).join(' ');
      else this.#write('signedOut');
      // What the server refuses once it refuses again: nothing to resume.
      this.#buttons.resume.hidden = ![401, 403, 409].includes(error.status);
      // A file whose very name says that it is no table may explain one.
      this.#buttons.document.hidden = error.problem.code !== 'file-type-refused';
    } else if (error.key === 'changed') {
      this.#write('changed');
      this.#buttons.resume.hidden = true;
    } else if (error.key === 'part') {
      this.#write('part', { part: error.part, reason: error.message });
    } else {
      this.#write('network');
    }
  }
}
