package dev.flambeau.bench;

import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.geom.Rectangle2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.imageio.ImageIO;

/**
 * A panel for each number of threads, a line for each piece of work, a dot for each peer: how many
 * times Flambeau's time it takes. A bar leads from Flambeau to the fastest peer.
 */
final class Chart {
  private static final Color[] COLORS = {
    new Color(0x2f6fb5), new Color(0x7fb2e5), new Color(0x17a2b8), new Color(0x3a9d5d),
    new Color(0x8e63b8), new Color(0xe8962e), new Color(0xc8473f), new Color(0x9a9a9a),
    new Color(0x555555), new Color(0xb09060),
  };
  private static final Color INK = new Color(0x1f2328);
  private static final Color FAINT = new Color(0x6a737d);
  private static final Color AHEAD = new Color(0xbfe3c8);
  private static final Color BEHIND = new Color(0xf3b6ae);
  private static final Color FLAME = new Color(0xe2571e);

  /** Everything is drawn larger by this, for sharp screens. */
  private static final double SCALE = 1.5;

  private static final int LEFT = 200;
  private static final int TOP = 118;
  private static final int ROW = 17;
  private static final int GAP = 26;
  private static final int PANEL = 430;
  private static final int TIME = 62;
  private static final int BETWEEN = 34;
  private static final int FOOT = 34;
  private static final double LEAST = 0.4;
  private static final double MOST = 300;
  private static final double[] TICKS = {0.5, 1, 2, 5, 10, 30, 100};

  private final Results results;
  private final List<Integer> threads;
  private final List<Work> works;
  private final Map<Peer, Color> colors = new LinkedHashMap<>();
  private Graphics2D g;

  Chart(Results results, List<Integer> threads) {
    this.results = results;
    this.threads = threads;
    for (Peer peer : results.peers.keySet()) {
      if (!peer.name().equals(Peer.OURS) && !peer.floor()) {
        colors.put(peer, COLORS[colors.size() % COLORS.length]);
      }
    }
    works =
        Work.ALL.stream()
            .filter(w -> threads.stream().anyMatch(t -> results.ours(w, t).isPresent()))
            .toList();
  }

  void write(Path file) throws IOException {
    int width = LEFT + threads.size() * (PANEL + TIME + BETWEEN) - BETWEEN + 16;
    int height = TOP + ROW * works.size() + GAP * groups() + FOOT;
    BufferedImage image =
        new BufferedImage(
            (int) (width * SCALE), (int) (height * SCALE), BufferedImage.TYPE_INT_RGB);
    g = image.createGraphics();
    g.scale(SCALE, SCALE);
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, width, height);
    head(width);
    for (int panel = 0; panel < threads.size(); panel++) {
      grid(panel, height);
    }
    int y = TOP;
    String group = "";
    for (int i = 0; i < works.size(); i++) {
      Work work = works.get(i);
      if (!work.group().equals(group)) {
        group = work.group();
        y += GAP;
        font(Font.BOLD, 12);
        text(group, 18, y - 4, INK);
        g.setColor(new Color(0xd0d7de));
        g.setStroke(new BasicStroke(1f));
        g.draw(new Line2D.Double(18, y, width - 16, y));
      }
      row(work, y + ROW / 2.0 + 1);
      y += ROW;
    }
    g.dispose();
    ImageIO.write(image, "png", file.toFile());
  }

  private int groups() {
    return (int) works.stream().map(Work::group).distinct().count();
  }

  private void font(int style, int size) {
    g.setFont(new Font(Font.SANS_SERIF, style, size));
  }

  private void text(String s, double x, double y, Color color) {
    g.setColor(color);
    g.drawString(s, (float) x, (float) y);
  }

  private double width(String s) {
    return g.getFontMetrics().stringWidth(s);
  }

  private void head(int width) {
    font(Font.BOLD, 19);
    text("How many times Flambeau's time each library takes", 18, 32, INK);
    font(Font.PLAIN, 12);
    String hint =
        "To the right of the flame-coloured line: slower than Flambeau. Medians; log scale.";
    text(hint, 18, 52, FAINT);
    double x = 18;
    double y = 76;
    x = legend(x, y, AHEAD, "Flambeau ahead of the fastest by", true);
    x = legend(x, y, BEHIND, "behind", true);
    for (Map.Entry<Peer, Color> entry : colors.entrySet()) {
      String title = entry.getKey().title();
      if (x + width(title) + 30 > width) {
        x = 18;
        y += 18;
      }
      x = legend(x, y, entry.getValue(), title, false);
    }
  }

  private double legend(double x, double y, Color color, String title, boolean bar) {
    g.setColor(color);
    if (bar) {
      g.fill(new Rectangle2D.Double(x, y - 8, 18, 7));
    } else {
      g.fill(new Ellipse2D.Double(x, y - 9, 9, 9));
    }
    double from = x + (bar ? 23 : 13);
    text(title, from, y, INK);
    return from + width(title) + 16;
  }

  private void grid(int panel, int height) {
    font(Font.BOLD, 12);
    int n = threads.get(panel);
    text(n + (n == 1 ? " thread" : " threads"), left(panel), TOP - 8, INK);
    font(Font.PLAIN, 11);
    String ours = "Flambeau, µs";
    text(ours, left(panel) + PANEL + TIME - width(ours) - 4, TOP - 8, FLAME);
    for (double tick : TICKS) {
      double x = place(panel, tick);
      g.setColor(tick == 1 ? FLAME : new Color(0xe4e8ec));
      g.setStroke(new BasicStroke(tick == 1 ? 2f : 1f));
      g.draw(new Line2D.Double(x, TOP + GAP, x, height - FOOT + 4));
      String label = (tick < 1 ? "½" : String.valueOf((int) tick)) + "×";
      text(label, x - width(label) / 2, TOP + 10, FAINT);
      text(label, x - width(label) / 2, height - FOOT + 18, FAINT);
    }
  }

  private void row(Work work, double y) {
    font(Font.PLAIN, 11);
    text(work.name(), LEFT - 14 - width(work.name()), y + 4, INK);
    for (int panel = 0; panel < threads.size(); panel++) {
      int t = threads.get(panel);
      if (results.ours(work, t).isEmpty()) {
        continue;
      }
      double ours = results.ours(work, t).getAsDouble();
      String time = Figures.digits(ours / 1000);
      text(time, left(panel) + PANEL + TIME - width(time) - 4, y + 4, INK);
      double one = place(panel, 1);
      if (results.best(work, t).isPresent()) {
        double at = place(panel, results.best(work, t).getAsDouble() / ours);
        g.setColor(at >= one ? AHEAD : BEHIND);
        g.fill(new Rectangle2D.Double(Math.min(one, at), y - 4, Math.abs(at - one), 8));
      }
      for (Map.Entry<Peer, Color> entry : colors.entrySet()) {
        double[] ns = results.of(work, t, entry.getKey());
        if (ns != null) {
          dot(place(panel, Figures.median(ns) / ours), y, entry.getValue());
        }
      }
      g.setColor(FLAME);
      g.setStroke(new BasicStroke(2f));
      g.draw(new Line2D.Double(one, y - ROW / 2.0, one, y + ROW / 2.0));
    }
  }

  private void dot(double x, double y, Color color) {
    g.setColor(color);
    g.fill(new Ellipse2D.Double(x - 4.5, y - 4.5, 9, 9));
    g.setColor(Color.WHITE);
    g.setStroke(new BasicStroke(1f));
    g.draw(new Ellipse2D.Double(x - 4.5, y - 4.5, 9, 9));
  }

  private static int left(int panel) {
    return LEFT + panel * (PANEL + TIME + BETWEEN);
  }

  /** Where a ratio lies; beyond the ends, at the end. */
  private static double place(int panel, double ratio) {
    double r = Math.min(MOST, Math.max(LEAST, ratio));
    return left(panel) + PANEL * Math.log(r / LEAST) / Math.log(MOST / LEAST);
  }
}
