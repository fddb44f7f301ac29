/** A list of records as one JSON text, any part of which can be sent without making anything anew. */
export interface RecordText {
  readonly count: number
  /** The records from `from` to before `to`, with commas between. */
  slice(from: number, to: number): Buffer
}

export function makeRecordText(count: number, make: (index: number) => object): RecordText {
  const ends = new Float64Array(count + 1)
  const chunks: Buffer[] = []
  for (let i = 0; i < count; i++) {
    const chunk = Buffer.from(`${JSON.stringify(make(i))},`)
    chunks.push(chunk)
    ends[i + 1] = ends[i]! + chunk.length
  }
  const text = Buffer.concat(chunks)
  return {
    count,
    slice: (from, to) => (from < to ? text.subarray(ends[from], ends[to]! - 1) : Buffer.alloc(0)),
  }
}
