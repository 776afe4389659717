// Hashes beside the page's own thread, so that the page stays quick while a large file is read.
// In:  {id, algorithm: 'md5' | 'sha256', blob}
// Out: {id, read} now and then, at the end {id, digest} (md5 in base64, sha256 in hex), or {id, unreadable: true}
import { digest, toBase64, toHex } from './md5_and_sha256.js';

const WRITTEN = { md5: toBase64, sha256: toHex };

self.addEventListener('message', async ({ data: { id, algorithm, blob } }) => {
  try {
    const bytes = await digest(algorithm, blob, (read) => self.postMessage({ id, read }));
    self.postMessage({ id, digest: WRITTEN[algorithm](bytes) });
  } catch {
    // The file was changed, moved or taken away since it was chosen; the browser then refuses to read it.
    self.postMessage({ id, unreadable: true });
  }
});
