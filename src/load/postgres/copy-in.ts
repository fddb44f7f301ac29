import { once } from 'node:events'
import { type Client, type Connection, Query } from 'pg'
import { messageOf } from '../../core/errors.ts'

/** What statements of the form `copy ... from stdin` read, a text for each; they stand where others have parameters. */
export class CopyTexts {
  readonly each: readonly Iterable<string>[]

  constructor(each: readonly Iterable<string>[]) {
    this.each = each
  }
}

/** Messages of the protocol: https://www.postgresql.org/docs/current/protocol-message-formats.html */
const COPY_DATA = 0x64
const COPY_DONE = Buffer.from('c\0\0\0\u0004', 'latin1')
const COPY_FAIL = 0x66

/**
 * Runs COPY statements one after the other, as one query with the texts of all of them behind it: one round trip, whatever
 * the number of tables. The first statement that fails is the last one, and the server drops the text that still comes.
 */
export async function copyIn(client: Client, sql: string, texts: CopyTexts): Promise<void> {
  await once(client.query(new CopyQuery(sql, texts)), 'end')
}

/** For pg a query like any other, which takes its time to be sent. */
class CopyQuery extends Query {
  #isOver = false

  constructor(sql: string, texts: CopyTexts) {
    super(sql)
    this.on('error', () => (this.#isOver = true))
    this.submit = (connection) => {
      this.#send(connection, sql, texts).catch((error: unknown) => {
        const { stream } = connection
        // The server answers with the reason that it is given; that the stream itself has failed pg knows.
        if (stream.writable) stream.write(message(COPY_FAIL, `${messageOf(error)}\0`))
      })
    }
  }

  /** The server asks for a text that is on its way. */
  handleCopyInResponse(): void {}

  /** Makes the texts as fast as the stream takes them. */
  async #send(connection: Connection, sql: string, texts: CopyTexts): Promise<void> {
    const { stream } = connection
    const write = async (bytes: Buffer): Promise<void> => {
      if (stream.write(bytes)) return
      stream.uncork()
      await once(stream, 'drain')
      stream.cork()
    }
    // What little tables bring goes out together.
    stream.cork()
    try {
      connection.query(sql)
      for (const text of texts.each) {
        for (const part of text) {
          await write(message(COPY_DATA, part))
          if (this.#isOver || !stream.writable) return
        }
        await write(COPY_DONE)
      }
    } finally {
      stream.uncork()
    }
  }
}

/** A code, the length of what follows it, and the text. */
function message(code: number, text: string): Buffer {
  const bytes = Buffer.from(`\0\0\0\0\0${text}`)
  bytes[0] = code
  bytes.writeUInt32BE(bytes.length - 1, 1)
  return bytes
}
