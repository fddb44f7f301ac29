import { Agent, get } from 'node:http'

const LIMIT = 100
const agent = new Agent({ keepAlive: true })

/** The pages of a list, one after another. `node:http` takes less time than fetch. */
export async function* pages(list) {
  for (let offset = 0, more = true; more; offset += LIMIT) {
    const page = JSON.parse(await read(`${list}?limit=${LIMIT}&offset=${offset}`))
    yield page.data
    more = page.has_more ?? offset + LIMIT < page.total
  }
  agent.destroy()
}

function read(url) {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent }, (response) => {
      const chunks = []
      response.on('data', (chunk) => chunks.push(chunk))
      response.on('end', () => resolve(Buffer.concat(chunks).toString()))
      response.on('error', reject)
    })
    request.on('error', reject)
  })
}
