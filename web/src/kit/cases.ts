export const CASES = [
  'Slate', 'PromiseLine', 'Touch', 'Tape', 'Camera', 'ProductCard', 'Candidates', 'Quantity', 'Field', 'Sheet', 'Note', 'EmptyState', 'ErrorNote', 'Skeleton', 'Tabs', 'Table', 'Plot',
] as const;
export type Case = (typeof CASES)[number];
