import { render, screen } from '@testing-library/svelte';
import { fireEvent } from '@testing-library/dom';
import { describe, expect, it, vi } from 'vitest';
import PromiseLine from '$lib/components/PromiseLine.svelte';
import Quantity from '$lib/components/Quantity.svelte';
import Slate from '$lib/components/Slate.svelte';
import Touch from '$lib/components/Touch.svelte';
import Table from '$lib/components/Table.svelte';
import Tape from '$lib/components/Tape.svelte';
import { promise, rows, tape, type Row } from '../kit/samples';

const euros = (minor: number) => ({ minor, currency: 'EUR' });

describe('the slate', () => {
  it('shows the price, the unit price and the label currency', () => {
    render(Slate, { price: euros(690), unit: { money: euros(1971), per: 'kg' }, label: { minor: 5400, currency: 'CNY' } });
    expect(screen.getByText('€6.90')).toBeTruthy();
    expect(screen.getByText('€19.71 a kilo')).toBeTruthy();
    expect(screen.getByText(/CNY.54\.00/)).toBeTruthy();
  });
  it('does not repeat the same currency', () => {
    const { container } = render(Slate, { price: euros(690), label: euros(690) });
    expect(container.textContent).not.toContain('label');
  });
});

describe('the touch', () => {
  it('says what it does and for how much, and is deaf while it does it', async () => {
    const onclick = vi.fn();
    const { rerender } = render(Touch, { label: 'Pay', amount: euros(1240), onclick });
    const key = screen.getByRole('button', { name: /Pay\s*€12\.40/ });
    await fireEvent.click(key);
    await rerender({ busy: 'Placing your order…' });
    await fireEvent.click(screen.getByRole('button', { name: 'Placing your order…' }));
    expect(onclick).toHaveBeenCalledTimes(1);
  });
});

describe('the promise line', () => {
  it('tells in words, not by colour alone, that it is at risk', () => {
    render(PromiseLine, { promise: promise({ confidence: 'at_risk' }) });
    expect(screen.getByText('may be late')).toBeTruthy();
  });
});

describe('the tape', () => {
  it('begins with what happened last, and names staff only to staff', () => {
    const { container, unmount } = render(Tape, { props: { events: tape } });
    expect([...container.querySelectorAll('.what')].map((one) => one.textContent)).toEqual(['On its way', 'Packed', 'Order placed']);
    expect(container.textContent).not.toContain('Sam');
    unmount();
    expect(render(Tape, { props: { events: tape, staff: true } }).container.textContent).toContain('Sam');
  });
});

describe('the quantity', () => {
  it('offers to take the last one out', async () => {
    const onchange = vi.fn();
    render(Quantity, { value: 1, of: 'Camille', onchange });
    await fireEvent.click(screen.getByRole('button', { name: 'Take Camille out of the basket' }));
    expect(onchange).toHaveBeenCalledWith(0);
  });
});

describe('the table', () => {
  const columns = [
    { key: 'title', title: 'Product', value: (row: Row) => row.title },
    { key: 'stock', title: 'Stock', value: (row: Row) => row.stock },
  ];
  it('is walked with arrows, opened with Enter’s click, sorted by its heads', async () => {
    const onopen = vi.fn();
    render(Table<Row>, { rows, columns, id: (row: Row) => row.id, caption: 'Stock', onopen });
    const keys = () => screen.getAllByRole('button').filter((key) => key.hasAttribute('data-row-key'));
    keys()[0]!.focus();
    await fireEvent.keyDown(keys()[0]!, { key: 'ArrowDown' });
    expect(document.activeElement).toBe(keys()[1]);
    await fireEvent.click(document.activeElement!);
    expect(onopen).toHaveBeenCalledWith(rows[1]);
    await fireEvent.click(screen.getByRole('button', { name: 'Stock' }));
    expect(keys()[0]!.textContent).toBe('Étagère Noyer');
    expect(screen.getByRole('columnheader', { name: 'Stock' }).getAttribute('aria-sort')).toBe('ascending');
  });
  it('says when nothing matches', async () => {
    render(Table<Row>, { rows, columns, id: (row: Row) => row.id, caption: 'Stock' });
    await fireEvent.input(screen.getByRole('searchbox'), { target: { value: 'zebra' } });
    expect(screen.getByText(/No row matches/)).toBeTruthy();
  });
});
