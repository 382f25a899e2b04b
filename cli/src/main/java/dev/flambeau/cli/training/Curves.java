package dev.flambeau.cli.training;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.knowm.xchart.AnnotationLine;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** Draws the losses and the metric over the epochs as a PNG, without a screen. */
public final class Curves {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 430;
  private static final int TITLE = 48;
  private static final int SCALE = 2; // for sharp lines on today's screens
  // Under evenly spaced values XChart writes some of them below the axis instead of round numbers.
  private static final double OFF_GRID = 0.01;
  private static final Color TRAINING = new Color(0x9AA5B1);
  private static final Color VALIDATION = new Color(0xD9480F);
  private static final Color BEST = new Color(0x495057);
  private static final Color GRID = new Color(0xE9ECEF);
  private static final Color INK = new Color(0x212529);

  static {
    System.setProperty("java.awt.headless", "true");
  }

  private Curves() {}

  /** Makes ready to draw, which can no longer be done once the JVM is shutting down. */
  static void prepare() {
    Epoch dot = new Epoch(1, 0, 0, 0, 0);
    try {
      png(draw("", "", List.of(dot), dot));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes the picture of a training. */
  public static void write(Path file, String title, String metric, List<Epoch> epochs, Epoch best)
      throws IOException {
    Files.write(file, png(draw(title, metric, epochs, best)));
  }

  private static byte[] png(BufferedImage image) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    // In memory: a cache file would want to be deleted by a shutdown hook of its own.
    try (var out = new MemoryCacheImageOutputStream(bytes)) {
      ImageIO.write(image, "png", out);
    }
    return bytes.toByteArray();
  }

  private static BufferedImage draw(String title, String metric, List<Epoch> epochs, Epoch best) {
    BufferedImage image =
        new BufferedImage(SCALE * 2 * WIDTH, SCALE * (HEIGHT + TITLE), BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setRenderingHint(
        RenderingHints.KEY_FRACTIONALMETRICS, RenderingHints.VALUE_FRACTIONALMETRICS_ON);
    g.scale(SCALE, SCALE);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, 2 * WIDTH, HEIGHT + TITLE);
    g.setColor(INK);
    g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 17));
    g.drawString(title, 24, 31);
    g.translate(0, TITLE);
    chart("Loss", epochs, best, Epoch::trainingLoss, Epoch::validationLoss).paint(g, WIDTH, HEIGHT);
    g.translate(WIDTH, 0);
    boolean share = metric.equals("accuracy");
    XYChart right =
        chart(
            share ? "Accuracy" : metric.toUpperCase(Locale.ROOT),
            epochs,
            best,
            Epoch::trainingMetric,
            Epoch::validationMetric);
    if (share) {
      right.getStyler().setYAxisDecimalPattern("0.00#");
      right.getStyler().setLegendPosition(Styler.LegendPosition.InsideSE);
    }
    right.paint(g, WIDTH, HEIGHT);
    g.dispose();
    return image;
  }

  private static XYChart chart(
      String what,
      List<Epoch> epochs,
      Epoch best,
      ToDoubleFunction<Epoch> training,
      ToDoubleFunction<Epoch> validation) {
    XYChart chart =
        new XYChartBuilder().width(WIDTH).height(HEIGHT).title(what).xAxisTitle("Epoch").build();
    style(chart);
    double[] x = epochs.stream().mapToDouble(Epoch::number).toArray();
    add(chart, "training", TRAINING, x, epochs.stream().mapToDouble(training).toArray());
    add(chart, "validation", VALIDATION, x, epochs.stream().mapToDouble(validation).toArray());
    var point =
        chart.addSeries(
            String.format(Locale.ROOT, "best, epoch %d", best.number()),
            new double[] {best.number() + OFF_GRID},
            new double[] {validation.applyAsDouble(best)});
    point.setMarker(SeriesMarkers.CIRCLE).setMarkerColor(BEST).setLineColor(BEST);
    point.setLineStyle(new BasicStroke(0));
    chart.addAnnotation(new AnnotationLine(best.number(), true, false));
    return chart;
  }

  private static void add(XYChart chart, String name, Color color, double[] x, double[] y) {
    var series = chart.addSeries(name, x, y);
    series.setLineColor(color).setLineStyle(new BasicStroke(2.2f));
    series.setMarker(x.length < 3 ? SeriesMarkers.CIRCLE : SeriesMarkers.NONE);
    series.setMarkerColor(color);
  }

  private static void style(XYChart chart) {
    Font text = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
    var style = chart.getStyler();
    style.setChartBackgroundColor(Color.WHITE);
    style.setPlotBackgroundColor(Color.WHITE);
    style.setPlotBorderVisible(false);
    style.setPlotGridLinesColor(GRID);
    style.setPlotGridLinesStroke(new BasicStroke(1f));
    style.setPlotGridVerticalLinesVisible(false);
    style.setAxisTickMarksColor(GRID);
    style.setAxisTickLabelsColor(INK);
    style.setAxisTickLabelsFont(text);
    style.setAxisTitleFont(text);
    style.setChartFontColor(INK);
    style.setChartTitleFont(new Font(Font.SANS_SERIF, Font.BOLD, 14));
    style.setChartTitleBoxVisible(false);
    style.setLegendFont(text);
    style.setLegendBorderColor(GRID);
    style.setLegendBackgroundColor(Color.WHITE);
    style.setLegendPosition(Styler.LegendPosition.InsideNE);
    style.setLegendSeriesLineLength(18);
    style.setMarkerSize(8);
    style.setChartPadding(16);
    style.setLocale(Locale.ROOT);
    style.setXAxisDecimalPattern("0");
    style.setXAxisMin(0.0);
    style.setAntiAlias(true);
    style.setAnnotationLineColor(BEST);
    style.setAnnotationLineStroke(
        new BasicStroke(
            1f, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 1f, new float[] {4, 4}, 0));
  }
}
