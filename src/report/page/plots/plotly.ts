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
  readonly type: string;
  readonly range: readonly [number, number];
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
      | 'plotly_relayouting'
      | 'plotly_afterplot',
    listen: (event: PlotEvent | undefined) => void,
  ): void;
  readonly _fullLayout?: {
    readonly xaxis: Axis;
    readonly yaxis: Axis;
    readonly dragmode: string | false;
    /** Outlines. */
    readonly selections: readonly unknown[];
  };
}
export type Trace = Readonly<Record<string, unknown>>;
export type Layout = Readonly<Record<string, unknown>>;
export interface ImageOptions {
  readonly format: 'svg' | 'png';
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  readonly scale: number;
}
interface PlotlyLibrary {
  react(
    element: HTMLElement,
    traces: readonly Trace[],
    layout: Layout,
    config: Readonly<Record<string, unknown>>,
  ): Promise<PlotElement>;
  relayout(element: HTMLElement, update: Layout): Promise<PlotElement>;
  toImage(element: HTMLElement, options: ImageOptions): Promise<string>;
  Plots: { resize(element: HTMLElement): void };
}
declare const Plotly: PlotlyLibrary;

export const config = {
  displaylogo: false,
  responsive: true,
  scrollZoom: false,
  modeBarButtonsToRemove: ['autoScale2d', 'zoomIn2d', 'zoomOut2d', 'toImage'],
} as const;

/** Replaces the annotations of a drawn plot. */
export const annotate = (element: PlotElement, annotations: readonly Layout[]): Promise<PlotElement> =>
  Plotly.relayout(element, { annotations });

/** Removes the outlines of lassos and boxes. */
export function removeOutlines(element: PlotElement): void {
  if (element._fullLayout?.selections.length) void Plotly.relayout(element, { selections: [] });
}

/** Puts a picture behind the traces, over the whole plot. */
export const addPicture = (element: PlotElement, source: string): Promise<PlotElement> => {
  const place = { xref: 'paper', yref: 'paper', x: 0, y: 1, sizex: 1, sizey: 1 };
  return Plotly.relayout(element, { images: [{ source, ...place, sizing: 'stretch', layer: 'below' }] });
};

/** The drawn plot as a data URL. */
export const imageOf = (element: PlotElement, options: ImageOptions): Promise<string> =>
  Plotly.toImage(element, options);

export async function draw(
  element: HTMLElement,
  traces: readonly Trace[],
  layout: Layout,
): Promise<PlotElement> {
  const drawn = await Plotly.react(element, traces, layout, config);
  element.dataset['drawn'] = 'yes';
  return drawn;
}
