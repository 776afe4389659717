// The part of /api/v1 that an upload needs, with the session's cookie.

/** The server refused. `problem` is its RFC 9457 document; 5xx, 408 and 429 may be tried again. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem.detail || problem.title || `HTTP ${status}`);
    this.status = status;
    this.problem = problem;
    this.fatal = status < 500 && status !== 408 && status !== 429;
  }
}

const csrfToken = () => /(?:^|;\s*)csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? '';

export class UploadApi {
  /** `base` is the address of the uploads, `csrf` the page's own token where no cookie can be read. */
  constructor(base, csrf = '') {
    this.base = base;
    this.csrf = csrf;
  }

  /** `purpose` says what the file does to the dataset's tables (mode, resource, key, new_columns) or its kind. */
  create(dataset, file, purpose) {
    const body = { dataset, filename: file.name, size: file.size, ...purpose };
    return this.#call('POST', '', undefined, body);
  }

  get(id, signal) {
    return this.#call('GET', `/${id}`, signal);
  }

  parts(id, signal) {
    return this.#call('GET', `/${id}/parts`, signal);
  }

  /** A URL and headers for one part, valid for its length and MD5 only. */
  async sign(id, part, signal) {
    const { parts } = await this.#call('POST', `/${id}/parts`, signal, { parts: [part] });
    return parts[0];
  }

  complete(id, sha256, signal) {
    return this.#call('POST', `/${id}/complete`, signal, { sha256 });
  }

  cancel(id) {
    return this.#call('DELETE', `/${id}`);
  }

  async #call(method, path, signal, body) {
    const headers = { Accept: 'application/json' };
    if (method !== 'GET') headers['X-CSRFToken'] = csrfToken() || this.csrf;
    if (body) headers['Content-Type'] = 'application/json';
    const answer = await fetch(this.base + path, {
      method,
      headers,
      signal,
      body: body && JSON.stringify(body),
      credentials: 'same-origin',
    });
    if (!answer.ok) throw new Refused(answer.status, await answer.json().catch(() => ({})));
    return answer.status === 204 ? null : answer.json();
  }
}
