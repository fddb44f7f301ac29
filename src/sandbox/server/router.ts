import type { ApiRequest, Reply } from './http.ts'

/** The parts of the path that a route leaves open, by name. */
export type PathParams = Readonly<Record<string, string>>

export interface Route {
  readonly method: 'GET' | 'POST'
  /** `/lead/{id}/` */
  readonly path: string
  handle(request: ApiRequest, params: PathParams): Reply
}

export type Match =
  | { readonly found: 'route'; readonly route: Route; readonly params: PathParams }
  /** The path exists, the method does not. */
  | { readonly found: 'path'; readonly methods: readonly string[] }
  /** The path exists once a slash is appended. */
  | { readonly found: 'without_slash' }
  | { readonly found: 'nothing' }

export type Router = (method: string, path: string) => Match

/** Finds the route of a request. Where two fit, the one with fewer open parts wins: `/activity/note/` is no id. */
export function createRouter(routes: readonly Route[]): Router {
  const compiled = routes
    .map((route) => ({ route, pattern: compile(route.path), open: route.path.split('{').length }))
    .sort((a, b) => a.open - b.open)
  const candidates = (path: string) => compiled.filter(({ pattern }) => pattern.test(path))
  return (method, path) => {
    const fitting = candidates(path)
    const match = fitting.find(({ route }) => route.method === method)
    if (match) {
      return {
        found: 'route',
        route: match.route,
        params: { ...match.pattern.exec(path)?.groups },
      }
    }
    if (fitting.length > 0) {
      return { found: 'path', methods: fitting.map(({ route }) => route.method) }
    }
    const withSlash = !path.endsWith('/') && candidates(`${path}/`).length > 0
    return { found: withSlash ? 'without_slash' : 'nothing' }
  }
}

function compile(path: string): RegExp {
  return new RegExp(`^${path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)
}
