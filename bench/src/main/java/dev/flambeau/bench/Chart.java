package dev.flambeau.bench;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/**
 * One line for each piece of work, one dot for each peer: how many times Flambeau's time it takes.
 */
final class Chart {
  private static final Color[] COLORS = {
    new Color(0x1f77b4), new Color(0x17becf), new Color(0x2ca02c), new Color(0x9467bd),
    new Color(0xff7f0e), new Color(0xd62728), new Color(0x8c8c8c), new Color(0x000000),
  };
  private static final Color INK = new Color(0x222222);
  private static final int LEFT = 210;
  private static final int TOP = 130;
  private static final int ROW = 20;
  private static final int WIDTH = 1100;
  private static final int RIGHT = 30;
  private static final double LEAST = 0.2;
  private static final double MOST = 1000;

  private final Results results;
  private final List<Work> works;
  private final int threads;
  private final Map<Peer, Color> colors = new LinkedHashMap<>();

  Chart(Results results, List<Work> works, int threads) {
    this.results = results;
    this.threads = threads;
    for (Peer peer : results.peers.keySet()) {
      if (!peer.name().equals(Peer.OURS)) {
        colors.put(peer, COLORS[colors.size() % COLORS.length]);
      }
    }
    Peer ours = Peer.named(Peer.OURS);
    this.works =
        works.stream()
            .filter(w -> results.of(w, threads, ours) != null)
            .filter(w -> times(w).findAny().isPresent())
            .toList();
  }

  private Stream<Peer> times(Work work) {
    return colors.keySet().stream().filter(p -> results.of(work, threads, p) != null);
  }

  void write(Path file) throws IOException {
    int height = TOP + ROW * works.size() + 40;
    BufferedImage image = new BufferedImage(WIDTH, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, WIDTH, height);
    head(g);
    grid(g, height);
    for (int i = 0; i < works.size(); i++) {
      row(g, works.get(i), TOP + ROW * i + ROW / 2);
    }
    g.dispose();
    ImageIO.write(image, "png", file.toFile());
  }

  private void head(Graphics2D g) {
    g.setColor(INK);
    g.setFont(new Font(Font.SANS_SERIF, Font.BOLD, 18));
    g.drawString("Time taken, as a multiple of Flambeau's", 20, 32);
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
    g.drawString(
        "Medians, "
            + threads
            + (threads == 1 ? " thread" : " threads")
            + ". A dot right of the line is slower than Flambeau, one left of it faster.",
        20,
        54);
    int x = 20;
    for (Map.Entry<Peer, Color> entry : colors.entrySet()) {
      g.setColor(entry.getValue());
      g.fill(new Ellipse2D.Double(x, 69, 10, 10));
      g.setColor(INK);
      String title = entry.getKey().title();
      g.drawString(title, x + 15, 79);
      x += g.getFontMetrics().stringWidth(title) + 38;
    }
  }

  private void grid(Graphics2D g, int height) {
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 12));
    List<Double> ticks = new ArrayList<>(List.of(0.5, 1.0, 2.0, 5.0, 10.0, 100.0, 1000.0));
    for (double tick : ticks) {
      double x = place(tick);
      g.setColor(tick == 1 ? new Color(0xd9480f) : new Color(0xdddddd));
      g.setStroke(new BasicStroke(tick == 1 ? 2f : 1f));
      g.draw(new Line2D.Double(x, TOP - 6, x, height - 34));
      g.setColor(INK);
      String label = tick == 1 ? "Flambeau" : (tick < 1 ? "½" : String.valueOf((int) tick)) + "×";
      int half = g.getFontMetrics().stringWidth(label) / 2;
      g.drawString(label, (int) x - half, TOP - 12);
      g.drawString(label, (int) x - half, height - 16);
    }
  }

  private void row(Graphics2D g, Work work, int y) {
    g.setColor(INK);
    int width = g.getFontMetrics().stringWidth(work.name());
    g.drawString(work.name(), LEFT - 14 - width, y + 4);
    g.setColor(new Color(0xf1f1f1));
    g.setStroke(new BasicStroke(1f));
    g.draw(new Line2D.Double(LEFT, y, WIDTH - RIGHT, y));
    double ours = Figures.median(results.of(work, threads, Peer.named(Peer.OURS)));
    times(work)
        .forEach(
            peer -> {
              double ratio = Figures.median(results.of(work, threads, peer)) / ours;
              g.setColor(colors.get(peer));
              double x = place(ratio);
              g.fill(new Ellipse2D.Double(x - 5, y - 5, 10, 10));
              g.setColor(Color.WHITE);
              g.draw(new Ellipse2D.Double(x - 5, y - 5, 10, 10));
            });
  }

  /** Where a ratio lies; beyond the ends, at the end. */
  private static double place(double ratio) {
    double r = Math.min(MOST, Math.max(LEAST, ratio));
    double share = Math.log(r / LEAST) / Math.log(MOST / LEAST);
    return LEFT + share * (WIDTH - LEFT - RIGHT);
  }
}
