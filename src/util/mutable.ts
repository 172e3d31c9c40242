/** A value under construction, e.g. `const row: Mutable<Row> = { … }; row.name = …`. */
export type Mutable<V> = { -readonly [Name in keyof V]: V[Name] };
