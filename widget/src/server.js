/** Requests to the web channel, and its stream of events; the contract is in docs/web-channel.md. */

const REQUEST_LIMIT = 5000; // milliseconds, as all times here

/** A refusal by the server, as against no answer at all. `say` is what it wants the visitor to read. */
export class Refusal extends Error {
  constructor({ status, headers }, { say = '' } = {}) {
    super(`HTTP ${status}`);
    this.status = status;
    this.say = say;
    this.retryAfter = Math.ceil(Number(headers.get('Retry-After'))) || 0;
  }
}

export class Server {
  onUnknown = () => {}; // called when the server does not know the token any more

  constructor(base, store) {
    Object.assign(this, { base, store });
  }

  /** Raises a Refusal, or whatever `fetch` raises where nobody answers in time. */
  async call(method, path, { body, headers, signal, limit = REQUEST_LIMIT } = {}) {
    const { token } = this.store.data;
    const ending = new AbortController();
    const timer = signal ? 0 : setTimeout(() => ending.abort(), limit);
    try {
      const response = await fetch(this.base + path, {
        method,
        body: body && JSON.stringify(body),
        headers: {
          ...headers,
          ...(token && { Authorization: `Bearer ${token}` }),
          ...(body && { 'Content-Type': 'application/json' }),
        },
        signal: signal ?? ending.signal,
        cache: 'no-store',
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
      });
      if (response.ok) return response;
      if (response.status === 401 && token && token === this.store.data.token) this.onUnknown();
      throw new Refusal(response, await response.json().catch(() => undefined));
    } finally {
      clearTimeout(timer);
    }
  }
}

/**
 * Yields the events of a stream; every chunk, comments too, is reported to `heard`.
 * `EventSource` will not do: it cannot send the token, which must not stand in an address.
 */
export async function* readEvents(body, heard) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    heard();
    const blocks = (rest + value).split(/\r?\n\r?\n/);
    rest = blocks.pop();
    for (const block of blocks) {
      const event = parse(block);
      if (event) yield event;
    }
  }
}

function parse(block) {
  const fields = { event: 'message', data: [] };
  for (const line of block.split(/\r?\n/)) {
    const [, name, value] = /^([^:]+)(?:: ?(.*))?$/s.exec(line) ?? []; // a comment begins with a colon
    if (name === 'data') fields.data.push(value ?? '');
    else if (name) fields[name] = value ?? '';
  }
  try {
    return { type: fields.event, id: fields.id, data: JSON.parse(fields.data.join('\n')) ?? {} };
  } catch {
    return null; // one event that cannot be read must not end the stream
  }
}
