import { join } from 'node:path'
import { expect, it } from 'vitest'
import { loadConfig } from '../../../src/config/load.ts'
import { setState } from '../../../src/run/bookmarks.ts'
import { serve } from '../../support/http-server.ts'
import { createPipeline } from '../../support/pipeline.ts'

it.each(['2024-01-02', '2023-12-31'])(
  'a bookmark set to %s does not append records without a cursor again',
  async (value) => {
    const records = [{ id: 1, at: null }, { id: 2 }]
    await using api = await serve(() => ({ data: records }))
    await using pipeline = createPipeline('sqlite', {
      base_url: api.url,
      auth: { type: 'none' },
      endpoints: [
        {
          name: 'visits',
          path: '/visits',
          data_selector: 'data',
          primary_key: 'id',
          write_disposition: 'append',
          incremental: { cursor_path: 'at', client_side: true },
        },
      ],
    })
    await pipeline.sync()
    const config = await loadConfig(join(pipeline.folder, 'pipelines.yaml'), { env: {} })
    await setState(config, 'test', { endpoint: 'visits', value })
    await pipeline.sync()
    expect(await pipeline.rows('select id from visits order by id')).toEqual([[1], [2]])
  },
)
