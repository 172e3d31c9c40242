/** `1234567` → `1,234,567`; a text that is not a whole number stays as it is. */
export const groupDigits = (count: string): string =>
  /^\d+$/.test(count) ? count.replace(/\B(?=(\d{3})+$)/g, ',') : count;
