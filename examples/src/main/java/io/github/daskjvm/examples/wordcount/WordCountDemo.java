package io.github.daskjvm.examples.wordcount;

import io.github.daskjvm.client.Client;
import io.github.daskjvm.client.ClusterListener;
import io.github.daskjvm.client.Future;
import io.github.daskjvm.client.LocalCluster;
import io.github.daskjvm.client.Progress;
import io.github.daskjvm.client.SchedulerInfo;
import io.github.daskjvm.examples.wordcount.TextFiles.TextFile;
import io.github.daskjvm.examples.wordcount.WordCount.Chunk;
import io.github.daskjvm.examples.wordcount.WordCount.Counts;
import io.github.daskjvm.examples.wordcount.WordCount.Summary;
import io.github.daskjvm.examples.wordcount.WordCount.Word;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Starts a cluster in this process, over real TCP, and counts the words of every text file under a folder: a task a
/// piece of a file, then a tree of tasks that add up what others counted.
public final class WordCountDemo {
    private static final int PIECES_WANTED = 256;
    private static final int PIECE_MIN_BYTES = 1 << 10;
    private static final int PIECE_MAX_BYTES = 4 << 20;
    private static final int MERGED_AT_ONCE = 8;
    private static final Duration WORKERS_WITHIN = Duration.ofSeconds(30);

    private WordCountDemo() {}

    /// What to count, and on what.
    ///
    /// @param input the folder, or one file; null for a folder of text that this machine has
    /// @param port of the scheduler on 127.0.0.1
    /// @param words how many of the most frequent words to print
    /// @param keep leaves the cluster up until this process is ended
    /// @param progress draws a progress bar, for which the output must be a terminal
    /// @param listener is told of the cluster's parts as they start
    public record Options(
            @Nullable Path input,
            int port,
            int workers,
            int threadsPerWorker,
            int words,
            boolean keep,
            boolean progress,
            ClusterListener listener) {}

    /// Counts the words of a folder, the first argument, or of one that this machine has.
    public static void main(String[] args)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        Path input = args.length == 0 ? null : Path.of(args[0]);
        run(new Options(input, 0, 2, 1, 10, false, System.console() != null, ClusterListener.NONE), System.out);
    }

    /// Where there is text, on most Linux machines; the licences of the JDK's own modules as the last resort.
    private static List<Path> usualFolders() {
        return List.of(
                Path.of("/usr/share/common-licenses"),
                Path.of("/usr/share/licenses"),
                Path.of("/usr/share/doc"),
                Path.of(System.getProperty("java.home", "/"), "legal"));
    }

    /// Runs it and prints the result.
    ///
    /// @throws NoSuchFileException if the input does not exist
    /// @throws java.net.BindException if the port, or one that the listener binds, is taken
    /// @throws IOException if the cluster does not start
    public static void run(Options options, PrintStream out)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        if (options.input != null && !Files.exists(options.input)) {
            throw new NoSuchFileException(options.input.toString());
        }
        LocalCluster.Builder builder = LocalCluster.builder()
                .port(options.port)
                .workers(options.workers)
                .threadsPerWorker(options.threadsPerWorker)
                .listener(options.listener);
        try (LocalCluster cluster = builder.start();
                Client client = cluster.client()) {
            client.waitForWorkers(options.workers, WORKERS_WITHIN);
            announce(client.schedulerInfo(), out);
            count(client, texts(options.input, out), options, out);
            if (options.keep) {
                out.println("The cluster stays up until Ctrl-C.");
                out.flush();
                cluster.awaitClosed();
            }
        }
    }

    private static TextFiles texts(@Nullable Path input, PrintStream out) {
        TextFiles texts = new TextFiles(List.of(), 0, 0);
        Path folder = input == null ? Path.of(".") : input;
        if (input != null) {
            texts = TextFiles.under(input);
        } else {
            for (Path usual : usualFolders()) {
                folder = usual;
                texts = TextFiles.under(usual);
                if (!texts.files().isEmpty()) {
                    break;
                }
            }
        }
        out.printf(
                Locale.ROOT,
                "Counting the words of %,d text files, %,d bytes, under %s%s%n",
                texts.files().size(),
                texts.sizeBytes(),
                folder,
                input == null ? " (--input DIR takes another folder)" : "");
        if (texts.notText() + texts.unreadable() > 0) {
            out.printf(
                    Locale.ROOT,
                    "Left out: %,d files that are not text, %,d that cannot be read%n",
                    texts.notText(),
                    texts.unreadable());
        }
        return texts;
    }

    private static void announce(SchedulerInfo info, PrintStream out) {
        out.println("Scheduler at: " + info.address() + metrics(info.services()));
        for (SchedulerInfo.WorkerInfo worker : info.workers()) {
            out.println("Worker at:    " + worker.address() + metrics(worker.services()) + ", "
                    + (worker.nthreads() == 1 ? "1 thread" : worker.nthreads() + " threads"));
        }
        out.flush();
    }

    private static String metrics(Map<String, Integer> services) {
        Integer port = services.get("dashboard");
        return port == null ? "" : ", metrics at http://127.0.0.1:" + port + "/metrics";
    }

    private static void count(Client client, TextFiles texts, Options options, PrintStream out)
            throws InterruptedException, ExecutionException {
        long chunkBytes = Math.clamp(texts.sizeBytes() / PIECES_WANTED, PIECE_MIN_BYTES, PIECE_MAX_BYTES);
        List<Chunk> chunks = new ArrayList<>();
        for (TextFile file : texts.files()) {
            chunks.addAll(Chunk.of(file.path(), file.sizeBytes(), chunkBytes));
        }
        long startNanos = System.nanoTime();
        List<Future<Counts>> level = client.map(WordCount::count, chunks);
        List<Future<?>> all = new ArrayList<>(level);
        while (level.size() > 1) {
            List<Future<Counts>> next = new ArrayList<>();
            for (int from = 0; from < level.size(); from += MERGED_AT_ONCE) {
                List<Future<Counts>> group = level.subList(from, Math.min(level.size(), from + MERGED_AT_ONCE));
                next.add(client.submit(WordCount::merge, List.copyOf(group)));
            }
            all.addAll(next);
            level = next;
        }
        if (level.isEmpty()) {
            out.println("There is no text to count.");
            return;
        }
        int most = options.words;
        Future<Summary> summary = client.submit(counts -> WordCount.summarize(counts, most), level.getFirst());
        all.add(summary);
        Summary result;
        if (options.progress) {
            try (Progress progress = Progress.bar(all, out, true)) {
                result = summary.get();
            }
        } else {
            result = summary.get();
        }
        report(result, all.size(), (System.nanoTime() - startNanos) / 1e9, out);
    }

    private static void report(Summary result, int tasks, double seconds, PrintStream out) {
        out.printf(Locale.ROOT, "%,d words, %,d different; the most frequent:%n", result.total(), result.distinct());
        for (Word word : result.mostFrequent()) {
            out.printf(Locale.ROOT, "%,10d  %s%n", word.count(), word.text());
        }
        out.printf(
                Locale.ROOT,
                "%,d tasks in %.2f s: %,.0f tasks per second%n",
                tasks,
                seconds,
                tasks / Math.max(seconds, 1e-9));
        out.flush();
    }
}
