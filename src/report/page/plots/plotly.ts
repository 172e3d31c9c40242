/** The part of Plotly's interface that the page uses. The page embeds the library before this script. */
export interface PlotPoint {
  readonly customdata?: number;
  readonly x: number;
  readonly y: number;
}
export interface PlotEvent {
  readonly points: readonly PlotPoint[];
  readonly event?: MouseEvent;
}
interface Axis {
  readonly _offset: number;
  readonly _length: number;
  d2p(value: number): number;
}
export interface PlotElement extends HTMLElement {
  on(
    event:
      | 'plotly_hover'
      | 'plotly_unhover'
      | 'plotly_click'
      | 'plotly_selected'
      | 'plotly_deselect'
      | 'plotly_relayout'
      | 'plotly_afterplot',
    listen: (event: PlotEvent | undefined) => void,
  ): void;
  readonly _fullLayout?: { readonly xaxis: Axis; readonly yaxis: Axis };
}
export type Trace = Readonly<Record<string, unknown>>;
export type Layout = Readonly<Record<string, unknown>>;
interface PlotlyLibrary {
  react(
    element: HTMLElement,
    traces: readonly Trace[],
    layout: Layout,
    config: Readonly<Record<string, unknown>>,
  ): Promise<PlotElement>;
  Plots: { resize(element: HTMLElement): void };
}
declare const Plotly: PlotlyLibrary;

export const config = {
  displaylogo: false,
  responsive: true,
  scrollZoom: false,
  modeBarButtonsToRemove: ['autoScale2d', 'zoomIn2d', 'zoomOut2d'],
  toImageButtonOptions: { format: 'svg', scale: 1 },
} as const;

export async function draw(
  element: HTMLElement,
  traces: readonly Trace[],
  layout: Layout,
): Promise<PlotElement> {
  const drawn = await Plotly.react(element, traces, layout, config);
  element.dataset['drawn'] = 'yes';
  return drawn;
}
