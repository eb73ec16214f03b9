export interface Hour {
  hour: string;
  visits: number;
  photos: number;
  recognised: number;
  orders: number;
  revenue_minor: number;
}

/** Columns for a plot: `x` in Unix seconds, one array a series, all of the same length. */
export interface Series {
  x: number[];
  visits: number[];
  photos: number[];
  orders: number[];
  revenue: number[];
}

/** The hours of a period as plot columns, in time order; `scale` is the minor units of one unit of the currency (100 for EUR). */
export function hourly(hours: readonly Hour[], scale: number): Series {
  const ordered = [...hours].sort((a, b) => a.hour.localeCompare(b.hour));
  return {
    x: ordered.map((hour) => Date.parse(hour.hour) / 1000),
    visits: ordered.map((hour) => hour.visits),
    photos: ordered.map((hour) => hour.photos),
    orders: ordered.map((hour) => hour.orders),
    revenue: ordered.map((hour) => hour.revenue_minor / scale),
  };
}

/** What of the photos was recognised, 0 to 1; null where there was no photo, for nothing is not zero per cent. */
export function recognised(photos: number, known: number): number | null {
  return photos > 0 ? known / photos : null;
}

export type Period = 'today' | 'day' | 'week' | 'month';
export const PERIODS: readonly Period[] = ['today', 'day', 'week', 'month'];

/** When a period that ends now began. `today` began at midnight where the reader is. */
export function begin(period: Period, now: Date): string {
  const from = new Date(now);
  if (period === 'today') from.setHours(0, 0, 0, 0);
  else from.setTime(now.getTime() - { day: 1, week: 7, month: 30 }[period] * 86_400_000);
  return from.toISOString();
}
