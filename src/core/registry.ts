import type * as z from 'zod'
import { discriminatedUnion } from 'zod'

/** One way to do something, chosen in YAML by `type`: its config schema, and how to build it. */
export interface Variant<Config extends z.ZodObject, Args extends unknown[], T> {
  readonly config: Config
  create(config: z.output<Config>, ...args: Args): T
}

type Configs<V extends readonly { config: z.ZodObject }[]> = { [I in keyof V]: V[I]['config'] }

/** The options of a union, and how a variant's config becomes one of them. */
interface Union {
  readonly options: z.ZodObject[]
  readonly extend: (config: z.ZodObject) => z.ZodObject
}

/** Ties a list of variants to one discriminated union and one factory. */
export function defineRegistry<Args extends unknown[], T>() {
  // The list is heterogeneous; each variant's own config type is recovered from V below.
  // oxlint-disable-next-line typescript/no-explicit-any
  type AnyVariant = Variant<any, Args, T>
  return <const V extends readonly [AnyVariant, ...AnyVariant[]]>(...builtIn: V) => {
    type Schema = z.ZodDiscriminatedUnion<Configs<V>, 'type'>
    const variants: AnyVariant[] = [...builtIn]
    const unions: Union[] = []
    const find = (type: unknown) => variants.find(({ config }) => config.shape.type.value === type)

    /**
     * A union of all variants, each config changed by `extend`, that also takes those registered later.
     * Zod reads the list of options when it first parses with the union.
     */
    function union(extend: (config: z.ZodObject) => z.ZodObject): z.ZodType {
      const options = variants.map(({ config }) => extend(config as z.ZodObject))
      unions.push({ options, extend })
      return discriminatedUnion('type', options as never)
    }

    return {
      config: union((config) => config) as unknown as Schema,
      union,
      types: variants.map(({ config }) => config.shape.type.value) as z.output<
        V[number]['config']
      >['type'][],
      variants: variants as readonly AnyVariant[],
      /**
       * Adds a variant of one's own, before the first configuration is loaded. One of the same type as an
       * earlier one is a mistake.
       *
       * @throws TypeError when the type is taken
       */
      register(variant: AnyVariant): void {
        const { value: type } = variant.config.shape.type
        if (find(type)) throw new TypeError(`there is a variant of type "${String(type)}" already`)
        variants.push(variant)
        for (const { options, extend } of unions) options.push(extend(variant.config))
      },
      create: (config: z.output<V[number]['config']>, ...args: Args): T =>
        find(config.type)!.create(config, ...args),
    }
  }
}
