// Draws one chart with uPlot. The app gives plain data and words; colours come from the page's own tokens.
//
// data:  { series: [{ name, times: Float64Array (Unix ms), values: Float64Array (NaN = none) }], from, to (Unix ms) }
// lines: [{ level, word, value, direction: "above" | "below", start, end (Unix ms) }]
// marks: [{ at (Unix ms), level: "critical" … | "ok", word }]
import uPlot from "./uplot.js";

const DASH = [6, 4];
const SERIES_DASH = [[], [8, 3], [3, 3], [1, 3], [8, 3, 2, 3]];
const SHADE = 0.14;
const RANK = ["ok", "warning", "major", "critical"];

export function createChart(element, options) {
  return new Chart(element, options);
}

class Chart {
  constructor(element, options) {
    this.element = element;
    this.options = options;
    this.data = { series: [], from: 0, to: 1 };
    this.lines = [];
    this.marks = [];
    this.plot = null;
    this.observer = new ResizeObserver(() => this.resize());
    this.observer.observe(element);
  }

  /** New samples, levels and marks; the plot is made anew only when the number of series changes. */
  update(data, lines, marks) {
    const before = this.data.series.length;
    this.data = data;
    this.lines = lines;
    this.marks = marks;
    if (!this.plot || before !== data.series.length) return this.rebuild();
    this.plot.setData(columns(data), false);
    this.rescale();
  }

  /** Language, number format or theme changed. */
  restyle(options) {
    this.options = options;
    if (this.plot) this.rebuild();
  }

  destroy() {
    this.observer.disconnect();
    if (this.plot) this.plot.destroy();
    this.plot = null;
  }

  rebuild() {
    if (this.plot) this.plot.destroy();
    this.ink = inks(this.element);
    this.plot = new uPlot(this.plotOptions(), columns(this.data), this.element);
    this.rescale();
  }

  rescale() {
    this.plot.batch(() => {
      this.plot.setScale("x", { min: this.data.from / 1000, max: this.data.to / 1000 });
      const [min, max] = this.valueRange();
      this.plot.setScale("y", { min, max });
    });
  }

  /** Levels are part of the picture: a value far below its threshold still shows how far. */
  valueRange() {
    let min = Infinity, max = -Infinity;
    for (const { values } of this.data.series)
      for (const value of values) if (Number.isFinite(value)) { min = Math.min(min, value); max = Math.max(max, value); }
    for (const { value } of this.lines) if (Number.isFinite(value)) { min = Math.min(min, value); max = Math.max(max, value); }
    if (min > max) return [0, 1];
    const room = (max - min || Math.abs(max) || 1) * 0.1;
    return [min >= 0 && min - room < 0 ? 0 : min - room, max + room];
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (this.plot && width > 0 && height > 0) this.plot.setSize({ width, height });
  }

  plotOptions() {
    const ink = this.ink;
    const axis = { stroke: ink.muted, font: ink.font, ticks: { stroke: ink.line, width: 1 }, grid: { stroke: ink.line, width: 1 } };
    const format = new Intl.NumberFormat(this.options.language, { maximumSignificantDigits: 4 });
    return {
      width: this.element.clientWidth || 600,
      height: this.element.clientHeight || 240,
      // Dates as the app gives them: the operator's own zone.
      scales: { x: { time: true, auto: false }, y: { auto: false } },
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
      axes: [
        { ...axis, values: (_, splits, __, ___, step) => timeLabels(splits, step, this.options.language) },
        { ...axis, size: 64, values: (_, splits) => splits.map((value) => format.format(value)) },
      ],
      series: [{}, ...this.data.series.map((_, at) => ({ stroke: ink.text, width: 1.5, dash: SERIES_DASH[at % SERIES_DASH.length], points: { show: false }, spanGaps: false }))],
      hooks: {
        drawClear: [(plot) => this.drawBands(plot)],
        draw: [(plot) => { this.drawLines(plot); this.drawMarks(plot); }],
        setCursor: [(plot) => this.tell(plot)],
      },
    };
  }

  /** Shades the time that the value spends beyond a level; where it is beyond several, the worst one counts. */
  drawBands(plot) {
    plot.ctx.save();
    clip(plot);
    for (const line of [...this.lines].sort((a, b) => RANK.indexOf(a.level) - RANK.indexOf(b.level))) {
      const ink = this.ink[line.level];
      if (!ink) continue;
      for (const series of this.data.series) for (const [start, end] of spans(series, line)) shade(plot, start, end, ink);
    }
    plot.ctx.restore();
  }

  drawLines(plot) {
    const { ctx, bbox } = plot;
    ctx.save();
    clip(plot);
    ctx.font = this.ink.font;
    ctx.textBaseline = "top";
    ctx.textAlign = "left";
    ctx.lineWidth = 1.5 * devicePixelRatio;
    for (const line of this.lines) {
      const y = plot.valToPos(line.value, "y", true);
      const from = Math.max(bbox.left, plot.valToPos(line.start / 1000, "x", true));
      const to = Math.min(bbox.left + bbox.width, plot.valToPos(line.end / 1000, "x", true));
      if (!Number.isFinite(y) || to <= from) continue;
      const ink = this.ink[line.level] || this.ink.muted;
      ctx.strokeStyle = ink;
      ctx.setLineDash(DASH.map((part) => part * devicePixelRatio));
      ctx.beginPath();
      ctx.moveTo(from, y);
      ctx.lineTo(to, y);
      ctx.stroke();
      label(ctx, this.ink.surface, ink, line.word, from + 6 * devicePixelRatio, y - 17 * devicePixelRatio);
    }
    ctx.restore();
  }

  drawMarks(plot) {
    const { ctx, bbox } = plot;
    ctx.save();
    clip(plot);
    ctx.font = this.ink.font;
    ctx.textBaseline = "top";
    ctx.textAlign = "left";
    ctx.lineWidth = devicePixelRatio;
    let free = -Infinity;
    for (const mark of this.marks) {
      const x = Math.round(plot.valToPos(mark.at / 1000, "x", true)) + 0.5;
      if (x < bbox.left || x > bbox.left + bbox.width) continue;
      const ink = this.ink[mark.level] || this.ink.muted;
      ctx.strokeStyle = ink;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top);
      ctx.lineTo(x, bbox.top + bbox.height);
      ctx.stroke();
      // Where marks crowd, the first has its word; the others are in the history.
      const width = ctx.measureText(mark.word).width + 8 * devicePixelRatio;
      const left = Math.min(x + 4 * devicePixelRatio, bbox.left + bbox.width - width);
      if (left >= free) free = label(ctx, this.ink.surface, ink, mark.word, left, bbox.top + 2 * devicePixelRatio) + 8 * devicePixelRatio;
    }
    ctx.restore();
  }

  /** The value under the pointer, for the line below the chart. */
  tell(plot) {
    const { idx } = plot.cursor;
    if (idx == null || plot.cursor.left < 0) return this.options.onPoint(NaN, NaN);
    for (let at = 1; at < plot.data.length; at++) {
      const value = plot.data[at][idx];
      if (value != null) return this.options.onPoint(plot.data[0][idx] * 1000, value);
    }
    this.options.onPoint(NaN, NaN);
  }
}

/** The colours of the page as they are now, and its font at the chart's size. */
function inks(element) {
  const style = getComputedStyle(element);
  const token = (name) => style.getPropertyValue(name).trim();
  return {
    text: token("--text"), surface: token("--surface"), muted: token("--muted"), line: token("--line"),
    critical: token("--critical"), major: token("--major"), warning: token("--warning"), unknown: token("--unknown"), ok: token("--ok"),
    font: `${13 * devicePixelRatio}px ${style.fontFamily}`,
  };
}

/** uPlot wants one time column for all series: the union of their times, seconds. */
function columns({ series }) {
  const plain = ({ values }) => Array.from(values, (value) => (Number.isFinite(value) ? value : null));
  if (series.length === 0) return [[]];
  if (series.length === 1) return [Array.from(series[0].times, (time) => time / 1000), plain(series[0])];
  return uPlot.join(series.map((one) => [Array.from(one.times, (time) => time / 1000), plain(one)]));
}

/** The stretches of time in which a series is beyond a line, within the line's own time. */
function spans({ times, values }, { value: level, direction, start, end }) {
  const beyond = (value) => (direction === "below" ? value < level : value > level);
  const found = [];
  let from = null;
  for (let at = 0; at < times.length; at++) {
    const inside = times[at] >= start && times[at] <= end && beyond(values[at]);
    if (inside && from === null) from = at > 0 && Number.isFinite(values[at - 1]) ? crossing(times, values, at, level) : times[at];
    if (!inside && from !== null) {
      found.push([from, Number.isFinite(values[at]) ? crossing(times, values, at, level) : times[at - 1]]);
      from = null;
    }
  }
  if (from !== null) found.push([from, times[times.length - 1]]);
  return found;
}

/** Where the line between two samples meets the level. */
function crossing(times, values, at, level) {
  const share = (level - values[at - 1]) / (values[at] - values[at - 1]);
  return times[at - 1] + (times[at] - times[at - 1]) * Math.min(1, Math.max(0, Number.isFinite(share) ? share : 1));
}

function shade({ ctx, bbox, valToPos }, start, end, ink) {
  const left = valToPos(start / 1000, "x", true);
  const area = [left, bbox.top, Math.max(devicePixelRatio, valToPos(end / 1000, "x", true) - left), bbox.height];
  ctx.clearRect(...area);
  ctx.globalAlpha = SHADE;
  ctx.fillStyle = ink;
  ctx.fillRect(...area);
  ctx.globalAlpha = 1;
}

/** Words on their own piece of surface, so that a curve behind them does not cross them out. */
function label(ctx, surface, ink, word, x, y) {
  const width = ctx.measureText(word).width;
  const height = 15 * devicePixelRatio;
  ctx.globalAlpha = 0.85;
  ctx.fillStyle = surface;
  ctx.fillRect(x - 2 * devicePixelRatio, y, width + 4 * devicePixelRatio, height);
  ctx.globalAlpha = 1;
  ctx.fillStyle = ink;
  ctx.fillText(word, x, y + devicePixelRatio);
  return x + width;
}

function clip({ ctx, bbox }) {
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
}

/** Clock times; days where a day begins or the steps are days. */
function timeLabels(splits, step, language) {
  const clock = new Intl.DateTimeFormat(language, { hour: "2-digit", minute: "2-digit", second: step < 60 ? "2-digit" : undefined, hourCycle: "h23" });
  const day = new Intl.DateTimeFormat(language, { day: "numeric", month: "short" });
  return splits.map((second) => {
    const date = new Date(second * 1000);
    const midnight = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
    return step >= 86400 || midnight ? day.format(date) : clock.format(date);
  });
}
