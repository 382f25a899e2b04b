import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/** What surefire has written of a module's tests: a folder for each execution. */
final class TestReports {
  /** One class in one execution. A class that only holds nested ones has no tests of its own. */
  record Report(String execution, String type, int tests, int skipped, double seconds, Path file) {}

  private TestReports() {}

  static List<Report> of(Path module) throws IOException {
    Path folder = module.resolve("target/surefire-reports");
    List<Report> reports = new ArrayList<>();
    if (!Files.isDirectory(folder)) {
      return reports;
    }
    try (Stream<Path> files = Files.walk(folder, 2)) {
      for (Path file : files.sorted().toList()) {
        if (file.getFileName().toString().matches("TEST-.*\\.xml")) {
          reports.add(read(file));
        }
      }
    }
    return reports;
  }

  private static Report read(Path file) throws IOException {
    XMLInputFactory factory = XMLInputFactory.newFactory();
    factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
    try (InputStream in = Files.newInputStream(file)) {
      XMLStreamReader xml = factory.createXMLStreamReader(in);
      xml.nextTag(); // <testsuite name="..." time="..." tests="...">
      return new Report(
          file.getParent().getFileName().toString(),
          xml.getAttributeValue(null, "name"),
          Integer.parseInt(xml.getAttributeValue(null, "tests")),
          Integer.parseInt(xml.getAttributeValue(null, "skipped")),
          Double.parseDouble(xml.getAttributeValue(null, "time").replace(",", "")),
          file);
    } catch (XMLStreamException | RuntimeException e) {
      throw new IOException(file + " is no report of surefire's", e);
    }
  }
}
