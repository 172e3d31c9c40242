/** Trainings share the machine; a profile has it alone, since other load would change its times. */
export class MachineShare {
  private sharing = 0;
  private isAlone = false;
  private waiting: { readonly alone: boolean; readonly go: () => void }[] = [];

  /** Runs `body` once the machine is free for it; waiting profiles come before waiting trainings. */
  async run<V>(alone: boolean, body: () => Promise<V>): Promise<V> {
    await new Promise<void>((go) => {
      this.waiting.push({ alone, go });
      this.admit();
    });
    try {
      return await body();
    } finally {
      if (alone) this.isAlone = false;
      else this.sharing--;
      this.admit();
    }
  }

  private admit(): void {
    for (;;) {
      const first = this.waiting.findIndex(({ alone }) => alone);
      const at = first < 0 ? 0 : first;
      const next = this.waiting[at];
      if (!next || this.isAlone || (next.alone && this.sharing > 0)) return;
      this.waiting.splice(at, 1);
      if (next.alone) this.isAlone = true;
      else this.sharing++;
      next.go();
    }
  }
}
