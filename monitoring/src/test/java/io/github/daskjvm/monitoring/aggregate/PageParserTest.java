package io.github.daskjvm.monitoring.aggregate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageParserTest {
    private static List<Family> parse(String page) throws BadPageException {
        return PageParser.parse(page.getBytes(StandardCharsets.UTF_8), 100, "worker");
    }

    /// What comes out when each family of the page is written again.
    private static String again(String page) throws BadPageException {
        var merged = new MergedPage();
        parse(page).forEach(merged::add);
        return new String(merged.write(), StandardCharsets.UTF_8);
    }

    @Test
    void aPageOfEveryTypeComesOutAsItWent() throws Exception {
        String page = """
                # HELP dask_worker_tasks Number of tasks at worker.
                # TYPE dask_worker_tasks gauge
                dask_worker_tasks{state="memory"} 5.0
                dask_worker_tasks{state="a \\"quoted\\" \\\\ one,}\\n"} NaN
                # HELP a_total Two lines\\nof help
                # TYPE a_total counter
                a_total 1.17380162e+08
                # TYPE h histogram
                h_bucket{le="+Inf"} 3
                h_sum 0.5
                h_count 3
                # TYPE s summary
                s{quantile="0.5"} +Inf
                s_sum 0.5
                s_count 3
                # TYPE u untyped
                u -1
                """;
        assertThat(again(page)).isEqualTo(page);
        assertThat(parse(page)).hasSize(5);
    }

    @Test
    void spacesTimesAndCommentsDoNotMatter() throws Exception {
        assertThat(again("# just so\n\n  a { x = \"1\" , }  2  1700000000000 \r\n#EOF"))
                .isEqualTo("# TYPE a untyped\na{x=\"1\"} 2\n");
    }

    @Test
    void samplesThatAreApartAreBroughtTogether() throws Exception {
        assertThat(again("# TYPE a gauge\na{x=\"1\"} 1\nb 2\na{x=\"2\"} 3\n"))
                .isEqualTo("# TYPE a gauge\na{x=\"1\"} 1\na{x=\"2\"} 3\n# TYPE b untyped\nb 2\n");
    }

    @Test
    void aLabelOfTheNameThatWillBeAddedIsRenamed() throws Exception {
        assertThat(again("a{worker=\"x\"} 1\n")).contains("a{exported_worker=\"x\"} 1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "<!DOCTYPE html>",
                "a",
                "a{",
                "a{x=\"1\" 2",
                "a{x=\"1} 2",
                "a{x=1} 2",
                "a{x=\"1\"y=\"2\"} 2",
                "a{x:y=\"1\"} 2",
                "a{x=\"\\t\"} 2",
                "{x=\"1\"} 2",
                "1a 2",
                "a two",
                "a 2d",
                "a 1 now",
                "a 1 2 3",
                "# TYPE a number",
                "# TYPE",
                "ä 1",
            })
    void whatIsNoPageIsRefusedWithAReason(String line) {
        assertThatThrownBy(() -> parse("b 1\n" + line + "\n"))
                .isInstanceOf(BadPageException.class)
                .hasMessageStartingWith("it is no page of metrics: ");
    }

    @Test
    void whatIsNoTextIsRefused() {
        assertThatThrownBy(() -> PageParser.parse(new byte[] {'a', (byte) 0xff, ' ', '1'}, 100, "worker"))
                .hasMessage("the page is not UTF-8");
    }

    @Test
    void aPageOfTooManySamplesIsRefused() {
        assertThatThrownBy(() -> parse("a 1\n".repeat(101))).hasMessage("the page has more than 100 samples");
    }

    @Test
    void whereWorkersDifferOnATypeItIsUntyped() throws Exception {
        var merged = new MergedPage();
        for (String page : List.of("# TYPE a gauge\na 1", "# HELP a More.\n# TYPE a counter\na 2")) {
            for (Family family : parse(page)) {
                merged.add(FamilyList.label("worker", "w" + page.length()), family);
            }
        }
        assertThat(new String(merged.write(), StandardCharsets.UTF_8))
                .isEqualTo("# HELP a More.\n# TYPE a untyped\na{worker=\"w18\"} 1\na{worker=\"w35\"} 2\n");
    }
}
