// MD5 and SHA-256 of a file's bytes, a chunk at a time. Pure JavaScript: the policy of the pages forbids WASM,
// and the browser's own crypto.subtle can neither stream nor do MD5 (which S3 asks of each part).
import { md5 } from '@noble/hashes/legacy.js';
import { sha256 } from '@noble/hashes/sha2.js';

const ALGORITHMS = { md5, sha256 };
const TELL_EVERY = 4 << 20;

/** The digest of `blob` as bytes; `progress` is told how many bytes have been read, every 4 MiB. */
export async function digest(name, blob, progress = () => {}) {
  const hash = ALGORITHMS[name].create();
  const reader = blob.stream().getReader();
  let read = 0;
  let told = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return hash.digest();
    hash.update(value);
    read += value.length;
    if (read - told >= TELL_EVERY) {
      told = read;
      progress(read);
    }
  }
}

export const toBase64 = (bytes) => btoa(String.fromCharCode(...bytes));

export const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
