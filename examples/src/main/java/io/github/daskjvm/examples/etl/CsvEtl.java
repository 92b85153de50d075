package io.github.daskjvm.examples.etl;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.NamedCsvRecord;
import de.siegmar.fastcsv.writer.CsvWriter;
import io.github.daskjvm.client.Client;
import io.github.daskjvm.client.Future;
import io.github.daskjvm.client.LocalCluster;
import io.github.daskjvm.client.Progress;
import java.io.IOException;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/// Reads CSV files of orders, one task a file, adds up what was sold of each product in each country, and writes
/// one CSV file for each country. The columns are `country`, `product`, `quantity` and `price`; a row that
/// cannot be read is counted and left out.
///
/// Files are read and written where the tasks run, so that workers on other machines need the folders, too.
public final class CsvEtl {
    private CsvEtl() {}

    /// What was sold, by country and product.
    ///
    /// @param bad rows that could not be read
    record Sales(HashMap<String, HashMap<String, Double>> revenue, long rows, long bad) implements Serializable {}

    /// On a worker: one file.
    static Sales extract(String file) throws IOException {
        var revenue = new HashMap<String, HashMap<String, Double>>();
        long rows = 0;
        long bad = 0;
        try (CsvReader<NamedCsvRecord> reader = CsvReader.builder().ofNamedCsvRecord(Path.of(file))) {
            for (NamedCsvRecord row : reader) {
                rows++;
                try {
                    double amount =
                            Integer.parseInt(row.getField("quantity")) * Double.parseDouble(row.getField("price"));
                    revenue.computeIfAbsent(
                                    row.getField("country").strip().toUpperCase(Locale.ROOT), c -> new HashMap<>())
                            .merge(row.getField("product").strip(), amount, Double::sum);
                } catch (NumberFormatException e) {
                    bad++;
                }
            }
        }
        return new Sales(revenue, rows, bad);
    }

    /// On a worker: all files together.
    static Sales merge(List<Sales> parts) {
        var revenue = new HashMap<String, HashMap<String, Double>>();
        long rows = 0;
        long bad = 0;
        for (Sales part : parts) {
            rows += part.rows;
            bad += part.bad;
            part.revenue.forEach((country, products) -> {
                Map<String, Double> sum = revenue.computeIfAbsent(country, c -> new HashMap<>());
                products.forEach((product, amount) -> sum.merge(product, amount, Double::sum));
            });
        }
        return new Sales(revenue, rows, bad);
    }

    /// On a worker: one country's file.
    static String load(Sales sales, String country, String folder) throws IOException {
        Path file = Path.of(folder, country + ".csv");
        try (CsvWriter writer = CsvWriter.builder().build(file)) {
            writer.writeRecord("product", "revenue");
            new TreeMap<>(sales.revenue.getOrDefault(country, new HashMap<>()))
                    .forEach((product, amount) ->
                            writer.writeRecord(product, String.format(Locale.ROOT, "%.2f", amount)));
        }
        return file.toString();
    }

    /// What came of it.
    record Report(List<String> written, long rows, long bad) {}

    /// @param input a folder of CSV files
    /// @param output a folder; made if it is not there
    static Report run(Client client, Path input, Path output)
            throws IOException, InterruptedException, ExecutionException {
        Files.createDirectories(output);
        List<String> files;
        try (Stream<Path> found = Files.list(input)) {
            files = found.map(Path::toString)
                    .filter(name -> name.endsWith(".csv"))
                    .sorted()
                    .toList();
        }
        List<Future<Sales>> parts = client.map(CsvEtl::extract, files);
        Future<Sales> all = client.submit(CsvEtl::merge, parts);
        // Only what is needed to go on comes here: the table itself stays on the workers.
        List<String> countries =
                all.thenApply(sales -> new ArrayList<>(sales.revenue.keySet())).get();
        String folder = output.toString();
        List<Future<String>> written = new ArrayList<>();
        for (String country : countries) {
            written.add(all.thenApply(sales -> load(sales, country, folder)));
        }
        long[] counts =
                all.thenApply(sales -> new long[] {sales.rows, sales.bad}).get();
        try (Progress progress = Progress.bar(written)) {
            return new Report(client.gather(written), counts[0], counts[1]);
        }
    }

    /// Runs it on a cluster in this process, from one folder to another.
    ///
    /// @param args input and output
    public static void main(String[] args) throws IOException, InterruptedException, ExecutionException {
        if (args.length != 2) {
            System.err.println("Give two folders: one with CSV files, and one for what is made of them.");
            return;
        }
        try (LocalCluster cluster = LocalCluster.builder().workers(2).start();
                Client client = cluster.client()) {
            Report report = run(client, Path.of(args[0]), Path.of(args[1]));
            System.out.printf("%d rows, %d left out; written:%n", report.rows, report.bad);
            report.written.forEach(System.out::println);
        }
    }
}
