/** Reads a TLS ClientHello: RFC 8446, sections 4.1.2 (message), 4.2.11 (`pre_shared_key`) and 5.1 (record); RFC 5077, 3.2. */

const HANDSHAKE_RECORD = 22;
const CLIENT_HELLO = 1;
const RECORD_HEADER_BYTES = 5;
const VERSION_AND_RANDOM_BYTES = 34;
const TICKET_AGE_BYTES = 4;
const SESSION_TICKET_EXTENSION = 35;
const PRE_SHARED_KEY_EXTENSION = 41;

/** Reads a structure from its beginning. @throws RangeError past its end */
class Reader {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  number(size: 1 | 2 | 3): number {
    return this.take(size).readUIntBE(0, size);
  }

  take(size: number): Buffer {
    const end = this.at + size;
    if (end > this.bytes.length) throw new RangeError('the ClientHello is cut off');
    const taken = this.bytes.subarray(this.at, end);
    this.at = end;
    return taken;
  }

  /** Takes a vector that follows its length. */
  vector(sizeOfLength: 1 | 2 | 3): Buffer {
    return this.take(this.number(sizeOfLength));
  }
}

/**
 * Returns the session tickets that a client offers, of TLS 1.2 and 1.3.
 *
 * @returns `incomplete` when more bytes are needed, `unreadable` for anything but a ClientHello in one record
 */
export function offeredTickets(bytes: Buffer): readonly Buffer[] | 'incomplete' | 'unreadable' {
  if (bytes.length === 0) return 'incomplete';
  if (bytes[0] !== HANDSHAKE_RECORD) return 'unreadable';
  if (bytes.length < RECORD_HEADER_BYTES) return 'incomplete';
  const end = RECORD_HEADER_BYTES + bytes.readUInt16BE(3);
  if (bytes.length < end) return 'incomplete';
  try {
    const record = new Reader(bytes.subarray(RECORD_HEADER_BYTES, end));
    return record.number(1) === CLIENT_HELLO ? ticketsOf(record.vector(3)) : 'unreadable';
  } catch {
    return 'unreadable';
  }
}

function ticketsOf(hello: Buffer): readonly Buffer[] {
  const reader = new Reader(hello);
  reader.take(VERSION_AND_RANDOM_BYTES);
  reader.vector(1); // session id
  reader.vector(2); // cipher suites
  reader.vector(1); // compression methods
  if (reader.isAtEnd) return [];
  const tickets: Buffer[] = [];
  const extensions = new Reader(reader.vector(2));
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const content = extensions.vector(2);
    if (type === SESSION_TICKET_EXTENSION && content.length > 0) tickets.push(content);
    if (type === PRE_SHARED_KEY_EXTENSION) tickets.push(...identitiesOf(content));
  }
  return tickets;
}

function identitiesOf(content: Buffer): readonly Buffer[] {
  const identities = new Reader(new Reader(content).vector(2));
  const tickets: Buffer[] = [];
  while (!identities.isAtEnd) {
    tickets.push(identities.vector(2));
    identities.take(TICKET_AGE_BYTES);
  }
  return tickets;
}
