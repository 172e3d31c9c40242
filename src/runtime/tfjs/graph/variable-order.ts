/** Control edges that keep reads and writes of a graph's variables in program order. */
export class VariableOrder {
  /** Per variable node: its last write and the reads since. */
  private readonly hazards = new Map<string, { write?: string; reads: string[] }>();

  clear(): void {
    this.hazards.clear();
  }

  /** Nodes that must run before an op that reads or writes these variables. */
  before(variables: readonly string[], reads: boolean): readonly string[] {
    const controls = variables.flatMap((variable) => {
      const hazard = this.hazards.get(variable);
      return [...(hazard?.write ? [hazard.write] : []), ...(reads ? [] : (hazard?.reads ?? []))];
    });
    return [...new Set(controls)];
  }

  /** Notes that node `name` reads or writes these variables. */
  note(name: string, variables: readonly string[], reads: boolean): void {
    for (const variable of variables) {
      const hazard = this.hazards.get(variable) ?? { reads: [] };
      if (reads) hazard.reads.push(name);
      this.hazards.set(variable, reads ? hazard : { write: name, reads: [] });
    }
  }
}
