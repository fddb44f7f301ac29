import type * as z from 'zod'
import { discriminatedUnion } from 'zod'

/** One way to do something, chosen in YAML by `type`: its config schema, and how to build it. */
export interface Variant<Config extends z.ZodObject, Args extends unknown[], T> {
  readonly config: Config
  create(config: z.output<Config>, ...args: Args): T
}

type Configs<V extends readonly { config: z.ZodObject }[]> = { [I in keyof V]: V[I]['config'] }

/** Ties a list of variants to one discriminated union and one factory. */
export function defineRegistry<Args extends unknown[], T>() {
  // The list is heterogeneous; each variant's own config type is recovered from V below.
  // oxlint-disable-next-line typescript/no-explicit-any
  type AnyVariant = Variant<any, Args, T>
  return <const V extends readonly [AnyVariant, ...AnyVariant[]]>(...variants: V) => {
    type Schema = z.ZodDiscriminatedUnion<Configs<V>, 'type'>
    const byType = new Map<unknown, AnyVariant>(
      variants.map((variant) => [variant.config.shape.type.value, variant]),
    )
    return {
      config: discriminatedUnion(
        'type',
        variants.map((variant) => variant.config) as never,
      ) as unknown as Schema,
      types: [...byType.keys()] as z.output<V[number]['config']>['type'][],
      variants: variants as readonly AnyVariant[],
      create: (config: z.output<V[number]['config']>, ...args: Args): T =>
        byType.get(config.type)!.create(config, ...args),
    }
  }
}
