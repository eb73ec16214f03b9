/** Endings of the files that an import can read. */
export const KINDS = ['csv', 'tsv', 'txt', 'xml', 'jsonl'] as const;

export function readable(name: string): boolean {
  const ending = name.toLowerCase().split('.').at(-1) ?? '';
  return name.includes('.') && (KINDS as readonly string[]).includes(ending);
}

/** Share of a running import that is done, 0 to 1; null while its size is not known. */
export function progress(report: { state: string; total: number | null; created: number; changed: number; unchanged: number; rejected: number }): number | null {
  if (report.state === 'done') return 1;
  if (!report.total) return null;
  return Math.min(1, (report.created + report.changed + report.unchanged + report.rejected) / report.total);
}
