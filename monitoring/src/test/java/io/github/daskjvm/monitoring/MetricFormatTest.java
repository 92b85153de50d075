package io.github.daskjvm.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MetricFormatTest {
    private static final String PROTOBUF =
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited";

    @Test
    void whoSaysNothingGetsText() {
        assertThat(MetricFormat.accepted(null)).isEqualTo(MetricFormat.TEXT);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "*/*                                                                 | TEXT",
                "text/html,application/xhtml+xml,*/*;q=0.8                           | TEXT",
                "text/plain;version=0.0.4;q=0.3, application/openmetrics-text;version=1.0.0;q=0.5 | OPENMETRICS",
                "application/openmetrics-text;version=1.0.0;q=0.2,text/plain;q=0.5   | TEXT",
                "application/openmetrics-text                                        | OPENMETRICS",
                "application/openmetrics-text; version=0.0.1,text/plain;q=0.1        | TEXT",
                "application/openmetrics-text;version=2.0.0;q=0.9,application/openmetrics-text;version=1.0.0;q=0.5"
                        + " | OPENMETRICS",
                "application/openmetrics-text;q=0                                    | TEXT",
                "application/openmetrics-text;q=many                                 | TEXT",
                "application/vnd.google.protobuf;proto=another.Message;encoding=delimited,text/plain;q=0.1 | TEXT",
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=text | TEXT",
                ";;;,=,;q=                                                           | TEXT",
            })
    void theHighestWeightWins(String accept, MetricFormat format) {
        assertThat(MetricFormat.accepted(accept)).isEqualTo(format);
    }

    /// What Prometheus 2.42, 2.55 and 3 send.
    @Test
    void prometheusGetsWhatItLikesBest() {
        assertThat(MetricFormat.accepted("application/openmetrics-text;version=1.0.0,"
                        + "application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"))
                .isEqualTo(MetricFormat.OPENMETRICS);
        assertThat(MetricFormat.accepted(PROTOBUF + ",application/openmetrics-text;version=1.0.0;q=0.8,"
                        + "application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1"))
                .isEqualTo(MetricFormat.PROTOBUF);
        assertThat(MetricFormat.accepted(PROTOBUF
                        + ";q=0.6,application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                        + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,"
                        + "*/*;q=0.1"))
                .isEqualTo(MetricFormat.PROTOBUF);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"gzip | true", "deflate, GZIP;q=0.5 | true", "gzip;q=0, * | false", "* | true", "br | false"})
    void gzipIsUsedWhereItIsAskedFor(String acceptEncoding, boolean gzip) {
        assertThat(MetricFormat.acceptsGzip(acceptEncoding)).isEqualTo(gzip);
    }
}
