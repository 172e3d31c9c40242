/** Controls that save a figure; hidden until the page's script has started. */

/** @param name of the figure */
export const saveButtons = (name: string): string =>
  `<span class="save" data-save="${name}" hidden><button type="button" data-format="svg">SVG</button>` +
  '<button type="button" data-format="png">PNG</button></span>';

/** Widths of a column in millimetres, as most journals of the field have them. */
export const saveWidth =
  '<label class="save" hidden>Figures saved at <select id="save-width"><option value="89">one column, 89 mm' +
  '</option><option value="183">two columns, 183 mm</option></select></label>';
