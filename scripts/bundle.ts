/**
 * Puts the command line, with the packages it uses, into a few files, in the place of what tsc has written for it. Node finds,
 * opens and links each module by itself, and there are 750 of them: that takes longer than a sync that finds nothing new.
 * Programs that import `sluice` get what tsc has written.
 */
import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** One folder deep, as `src/core` is: the version is read from package.json by a relative path. */
const CHUNKS = 'dist/chunks'
/** CommonJS packages load modules of Node with `require`, which ES modules don't have. */
const WITH_REQUIRE = `import { createRequire as createRequireHere } from 'node:module'
const require = createRequireHere(import.meta.url)`

const { metafile } = await build({
  absWorkingDir: ROOT,
  entryPoints: { 'dist/cli/main': 'src/cli/main.ts' },
  outdir: '.',
  chunkNames: `${CHUNKS}/[name]-[hash]`,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  // Fewer bytes to read and compile; names stay as they are.
  minifyWhitespace: true,
  minifySyntax: true,
  sourcemap: true,
  // Drivers are loaded from their packages: native code is found beside the one that brings it, and what traces or tries a
  // program hooks into them there.
  external: ['better-sqlite3', 'pg'],
  banner: { js: WITH_REQUIRE },
  metafile: true,
  logLevel: 'warning',
})

// Names hold a hash of the content, so that the chunks of earlier builds stay behind.
for (const file of readdirSync(join(ROOT, CHUNKS))) {
  if (metafile.outputs[`${CHUNKS}/${file}`] === undefined) rmSync(join(ROOT, CHUNKS, file))
}
