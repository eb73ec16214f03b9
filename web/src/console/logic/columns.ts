import type { Column } from '$lib/components/table';

/** A column of a console table: on screen, in a sort and in the exported file. */
export interface GridColumn<Row> extends Column<Row> {
  /** How it folds on a phone: `lead` and `side` make the first line of a row, `line` the second, `hide` is left out. */
  phone?: 'lead' | 'side' | 'line' | 'hide';
  width?: string;
  /** In the exported file alone. */
  exported?: boolean;
}

export const onScreen = <Row>(columns: readonly GridColumn<Row>[]): GridColumn<Row>[] => columns.filter((column) => !column.exported);
