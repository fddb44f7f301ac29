/** Where Sluice and the floor write: into a dataset each, side by side. */
export interface Database {
  readonly type: 'sqlite' | 'postgres'
  /** What pipelines.yaml says of it. */
  readonly destination: object
  /** What the floor is told of where to write. */
  readonly floorArguments: readonly string[]
  /** Removes both datasets. */
  clear(this: void): Promise<void>
  /** Fails unless both hold the same. */
  compare(this: void): Promise<void>
}
