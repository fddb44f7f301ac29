import { close } from './close/close.ts'
import { closeio } from './closeio/closeio.ts'
import { closum } from './closum/closum.ts'
import { espocrm } from './espocrm/espocrm.ts'

/** The APIs that the sandbox can stand in for, by the name of the source. */
export const SANDBOX_APIS = { close, closeio, closum, espocrm } as const

export type SandboxSourceName = keyof typeof SANDBOX_APIS

export const SANDBOX_SOURCES = Object.keys(SANDBOX_APIS) as readonly SandboxSourceName[]
