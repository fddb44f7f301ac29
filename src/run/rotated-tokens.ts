import type { TokenStore } from '../http/auth/auth.ts'
import type { Config, ResolvedPipeline } from '../config/resolved.ts'
import { openDataset, type Dataset } from '../state/dataset.ts'

/** Where a session keeps a rotated refresh token, and what has to be closed with it. */
export interface RotatedTokens {
  /** Undefined for an auth that has none. */
  readonly store: TokenStore | undefined
  close(): Promise<void>
}

/**
 * The store for a pipeline's rotated refresh token. Commands that write nothing else (`check`, `preview`, a dry
 * run) still have to keep it, because the one it replaced is void: for them the dataset is opened when the
 * first token is asked for.
 *
 * @param dataset the dataset of the run, open for writing; null for those commands
 */
export function openRotatedTokens(
  config: Config,
  pipeline: ResolvedPipeline,
  dataset: Dataset | null,
): RotatedTokens {
  const { auth, name } = pipeline.source
  if (auth.type !== 'oauth2' || auth.grant !== 'refresh_token') {
    return { store: undefined, close: async () => {} }
  }
  const secret = `${auth.client_id}\0${auth.client_secret ?? auth.refresh_token ?? ''}`
  if (dataset) return { store: dataset.tokens(name, secret), close: async () => {} }

  let opened: Promise<Dataset | null> | null = null
  const open = async (): Promise<TokenStore> => {
    opened ??= openDataset({
      destination: pipeline.destination.config,
      dataset: pipeline.dataset,
      mode: 'write',
      folder: config.folder,
    })
    return (await opened)!.tokens(name, secret)
  }
  return {
    store: {
      load: async () => (await open()).load(),
      save: async (token) => (await open()).save(token),
    },
    close: async () => (await opened)?.close(),
  }
}
